/*
    Loads a package of gc2pc into a Persistent Chat content database (mgc) of Lync Server 2013 or
    Skype for Business Server 2015 that holds neither rooms nor messages: a staging database, from
    which Export-CsPersistentChatData is run next. README.txt, beside this file, has all steps.

    NEVER run it on the database of a live pool. The vendor supports no writing to such a database by
    others than its own servers and tools; it is refused here wherever it can be told: where a server
    has registered itself (tblServerIdentity), where servers are connected to each other
    (tblActivePeers), and where rooms or messages are.

    Run it with sqlcmd, in the staging database:

        sqlcmd -b -E -S SERVER\INSTANCE -d STAGINGDATABASE -i load.sql -v StagingPath="D:\staging"

    StagingPath is the folder that holds the .bcp and .fmt files, without a backslash at its end, as
    the account of SQL Server itself sees it; ASCII without quotes is safest. The login needs db_owner in the database and the
    permission ADMINISTER BULK OPERATIONS (server role bulkadmin).

    Everything happens in one transaction: whatever fails, the database is as it was. Rows are read
    into tables of a schema of their own, gc2pc_staging, which is gone at the end.
*/
:on error exit
:setvar SqlcmdMode "on"
GO
SET NOCOUNT ON;
SET XACT_ABORT ON;
SET IMPLICIT_TRANSACTIONS OFF;
SET ANSI_NULLS ON;
SET ANSI_PADDING ON;
SET ANSI_WARNINGS ON;
SET ARITHABORT ON;
SET CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;
SET QUOTED_IDENTIFIER ON;
GO
IF N'$(SqlcmdMode)' <> N'on'
BEGIN
    RAISERROR(N'Nothing was loaded: this script needs SQLCMD mode. Run it with sqlcmd, or switch SQLCMD mode on in Management Studio.', 16, 1);
    SET NOEXEC ON;
END;
GO
IF @@TRANCOUNT > 0 OR SCHEMA_ID(N'gc2pc_staging') IS NOT NULL
BEGIN
    RAISERROR(N'Nothing was loaded: a transaction is open, or the database has a schema gc2pc_staging already. Run this script alone, and look at what that schema holds before you drop it.', 16, 1);
    SET NOEXEC ON;
END;
GO
BEGIN TRANSACTION;
GO

-- Is this the database that was meant?
DECLARE @why nvarchar(2000);
SELECT @why = COALESCE(@why + N', ', N'') + Wanted.TableName
FROM (VALUES
    (N'tblChat'), (N'tblLastChatId'), (N'tblNode'), (N'tblPrincipal'), (N'tblPrincipalRole'), (N'tblScopePrincipal'),
    (N'tblSiopWhiteList'), (N'tblEnumValue'), (N'tblRoleType'), (N'tblPrincipalType'), (N'tblServerIdentity'),
    (N'tblActivePeers')
) AS Wanted (TableName)
WHERE OBJECT_ID(N'dbo.' + Wanted.TableName, N'U') IS NULL;
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    SET @why = DB_NAME() + N' is no Persistent Chat content database, it lacks ' + @why;
    RAISERROR(N'Nothing was loaded: %s.', 16, 1, @why);
    RETURN;
END;
GO

-- Does a pool live on it? The locks keep servers out until the end.
DECLARE @why nvarchar(2000);
SELECT TOP (1) @why = N'a Persistent Chat server, ' + serverAddress + N', has registered itself in ' + DB_NAME()
FROM dbo.tblServerIdentity WITH (TABLOCKX, HOLDLOCK);
IF @why IS NULL AND EXISTS (SELECT 1 FROM dbo.tblActivePeers WITH (TABLOCKX, HOLDLOCK))
    SET @why = N'servers of a pool are connected by way of ' + DB_NAME();
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: %s. It is, or was, the database of a live pool. Writing to such a database is not covered by the support of its vendor. Create a staging database with the vendor''s installer, and let no server use it.', 16, 1, @why);
    RETURN;
END;
GO

-- Is it empty?
DECLARE @why nvarchar(2000);
IF EXISTS (SELECT 1 FROM dbo.tblChat WITH (TABLOCKX, HOLDLOCK))
    SET @why = N'messages';
IF EXISTS (SELECT 1 FROM dbo.tblNode WITH (TABLOCKX, HOLDLOCK) WHERE nodeType = 0)
    SET @why = COALESCE(@why + N' and ', N'') + N'rooms';
IF @why IS NULL AND EXISTS (SELECT 1 FROM dbo.tblLastChatId WITH (TABLOCKX, HOLDLOCK))
    SET @why = N'rows in tblLastChatId';
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    SET @why = DB_NAME() + N' holds ' + @why;
    RAISERROR(N'Nothing was loaded: %s already. The target must be a staging database without content.', 16, 1, @why);
    RETURN;
END;
GO

-- What is not in the target, but in this script, and the other way round.
CREATE SCHEMA gc2pc_staging;
GO
CREATE TABLE gc2pc_staging.[Written] (
    [TableName] nvarchar(64) NOT NULL,
    [ColumnName] nvarchar(64) NOT NULL
);
INSERT INTO gc2pc_staging.[Written] ([TableName], [ColumnName])
VALUES
    (N'tblSiopWhiteList', N'siopID'), (N'tblSiopWhiteList', N'siopName'), (N'tblSiopWhiteList', N'siopUrl'),
    (N'tblPrincipal', N'prinID'), (N'tblPrincipal', N'prinGuid'), (N'tblPrincipal', N'prinUri'),
    (N'tblPrincipal', N'prinName'), (N'tblPrincipal', N'prinDisplayName'), (N'tblPrincipal', N'prinCompanyName'),
    (N'tblPrincipal', N'prinEmail'), (N'tblPrincipal', N'prinADPath'), (N'tblPrincipal', N'prinADUserPrincipalName'),
    (N'tblPrincipal', N'prinDisabled'), (N'tblPrincipal', N'prinTypeID'), (N'tblPrincipal', N'prinAddedBy'),
    (N'tblPrincipal', N'prinAddedOn'), (N'tblPrincipal', N'prinUpdatedBy'), (N'tblPrincipal', N'prinUpdatedOn'),
    (N'tblPrincipal', N'prinVerifiedOn'),
    (N'tblNode', N'nodeID'), (N'tblNode', N'nodeGuid'), (N'tblNode', N'parentID'), (N'tblNode', N'nodeType'),
    (N'tblNode', N'nodeName'), (N'tblNode', N'nodeDesc'), (N'tblNode', N'invite'), (N'tblNode', N'logged'),
    (N'tblNode', N'filePost'), (N'tblNode', N'disabled'), (N'tblNode', N'behavior'), (N'tblNode', N'visibility'),
    (N'tblNode', N'siopID'), (N'tblNode', N'nodeAddedBy'), (N'tblNode', N'nodeAddedOn'),
    (N'tblNode', N'nodeUpdatedBy'), (N'tblNode', N'nodeUpdatedOn'),
    (N'tblScopePrincipal', N'scopeNodeID'), (N'tblScopePrincipal', N'scopePrinID'),
    (N'tblScopePrincipal', N'scopeUpdatedBy'), (N'tblScopePrincipal', N'scopeIsDenied'),
    (N'tblPrincipalRole', N'prinRoleNodeID'), (N'tblPrincipalRole', N'prinRolePrinID'),
    (N'tblPrincipalRole', N'prinRoleTypeID'), (N'tblPrincipalRole', N'prinRoleUpdatedBy'),
    (N'tblChat', N'channelId'), (N'tblChat', N'chatId'), (N'tblChat', N'chatDate'), (N'tblChat', N'userId'),
    (N'tblChat', N'isAlert'), (N'tblChat', N'content'), (N'tblChat', N'rtf'),
    (N'tblLastChatId', N'nodeID'), (N'tblLastChatId', N'lastChatID');
GO
DECLARE @why nvarchar(2000);
SELECT @why = COALESCE(@why + N', ', N'') + Written.TableName + N'.' + Written.ColumnName
FROM gc2pc_staging.[Written] AS Written
WHERE COLUMNPROPERTY(OBJECT_ID(N'dbo.' + Written.TableName), Written.ColumnName, 'ColumnId') IS NULL;
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: the target is not of Lync Server 2013 or Skype for Business Server 2015, since it lacks %s.', 16, 1, @why);
    RETURN;
END;
SELECT @why = COALESCE(@why + N', ', N'') + OBJECT_NAME(Found.object_id) + N'.' + Found.name
FROM sys.columns AS Found
WHERE
    Found.object_id IN (SELECT OBJECT_ID(N'dbo.' + Written.TableName) FROM gc2pc_staging.[Written] AS Written)
    AND Found.is_nullable = 0
    AND Found.default_object_id = 0
    AND Found.is_identity = 0
    AND Found.is_computed = 0
    AND Found.system_type_id <> 189
    AND NOT EXISTS (
        SELECT 1
        FROM gc2pc_staging.[Written] AS Written
        WHERE OBJECT_ID(N'dbo.' + Written.TableName) = Found.object_id AND Written.ColumnName = Found.name COLLATE DATABASE_DEFAULT
    );
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: the target has columns that are NOT NULL, have no default, and are not documented: %s. What belongs in them is not known.', 16, 1, @why);
    RETURN;
END;
GO

-- The side tables, and how many rows each is to have.
-- @create
CREATE TABLE gc2pc_staging.[Expected] (
    [TableName] nvarchar(64) NOT NULL,
    [ExpectedRows] bigint NOT NULL
);
INSERT INTO gc2pc_staging.[Expected] ([TableName], [ExpectedRows])
VALUES
-- @expected
GO
-- @bulk

DECLARE @why nvarchar(2000);
SELECT @why = COALESCE(@why + N', ', N'') + Expected.TableName + N' has ' + CONVERT(nvarchar(20), Counted.FoundRows)
    + N' instead of ' + CONVERT(nvarchar(20), Expected.ExpectedRows)
FROM gc2pc_staging.[Expected] AS Expected
INNER JOIN (
    SELECT N'People' AS TableName, COUNT_BIG(*) AS FoundRows FROM gc2pc_staging.[People]
    UNION ALL
    SELECT N'AddIns' AS TableName, COUNT_BIG(*) AS FoundRows FROM gc2pc_staging.[AddIns]
    UNION ALL
    SELECT N'Categories' AS TableName, COUNT_BIG(*) AS FoundRows FROM gc2pc_staging.[Categories]
    UNION ALL
    SELECT N'Scopes' AS TableName, COUNT_BIG(*) AS FoundRows FROM gc2pc_staging.[Scopes]
    UNION ALL
    SELECT N'Rooms' AS TableName, COUNT_BIG(*) AS FoundRows FROM gc2pc_staging.[Rooms]
    UNION ALL
    SELECT N'Roles' AS TableName, COUNT_BIG(*) AS FoundRows FROM gc2pc_staging.[Roles]
    UNION ALL
    SELECT N'Messages' AS TableName, COUNT_BIG(*) AS FoundRows FROM gc2pc_staging.[Messages]
) AS Counted ON Counted.TableName = Expected.TableName
WHERE Counted.FoundRows <> Expected.ExpectedRows;
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: the files are not those of the package, %s rows.', 16, 1, @why);
    RETURN;
END;
GO

