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

-- What the target's own rows say: the root, the system's principal, and the highest numbers.
CREATE TABLE gc2pc_staging.[Facts] (
    [RootId] int NOT NULL,
    [RootBehavior] smallint NOT NULL,
    [RootVisibility] smallint NOT NULL,
    [SystemId] int NOT NULL,
    [LastNodeId] int NOT NULL,
    [LastPrincipalId] int NOT NULL,
    [LoadedAt] datetime NOT NULL,
    [LoadedTicks] bigint NOT NULL
);
GO
DECLARE @why nvarchar(2000), @now datetime, @root int, @system int;
SET @now = GETUTCDATE();
IF (SELECT COUNT(*) FROM dbo.tblNode WHERE parentID = nodeID) <> 1
    SET @why = N'the target does not have exactly one root, a node that is its own parent';
SELECT @root = nodeID FROM dbo.tblNode WHERE parentID = nodeID;
SELECT @system = MIN(prinID) FROM dbo.tblPrincipal WITH (TABLOCKX, HOLDLOCK) WHERE prinID = 1 OR prinTypeID = 4;
IF @why IS NULL AND @system IS NULL
    SET @why = N'the target has no principal of the system itself (prinID 1), in whose name rows could be added';
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: %s. Create the staging database with the vendor''s installer.', 16, 1, @why);
    RETURN;
END;
-- Ticks of 100 ns since the year 1; 1900-01-01 is tick 599266080000000000.
INSERT INTO gc2pc_staging.[Facts] (
    [RootId], [RootBehavior], [RootVisibility], [SystemId], [LastNodeId], [LastPrincipalId], [LoadedAt], [LoadedTicks]
)
SELECT
    Root.nodeID,
    Root.behavior,
    Root.visibility,
    @system,
    (SELECT MAX(Node.nodeID) FROM dbo.tblNode AS Node),
    (SELECT MAX(Principal.prinID) FROM dbo.tblPrincipal AS Principal),
    @now,
    CONVERT(bigint, 599266080000000000)
    + CONVERT(bigint, DATEDIFF(DAY, 0, @now)) * CONVERT(bigint, 864000000000)
    + CONVERT(bigint, DATEDIFF(MILLISECOND, DATEADD(DAY, DATEDIFF(DAY, 0, @now), 0), @now)) * 10000
FROM dbo.tblNode AS Root
WHERE Root.nodeID = @root;
GO

-- Roles and settings go by the names that the target has for them, as their numbers were never published.
CREATE TABLE gc2pc_staging.[RoleTypes] (
    [RoleType] nvarchar(16) NOT NULL,
    [rtypeID] int NOT NULL
);
INSERT INTO gc2pc_staging.[RoleTypes] ([RoleType], [rtypeID])
SELECT
    CASE LOWER(LTRIM(RTRIM(Known.rtypeDesc)))
        WHEN N'member' THEN N'Member'
        WHEN N'manager' THEN N'Manager'
        WHEN N'voiced' THEN N'Voiced'
        WHEN N'presenter' THEN N'Voiced'
        ELSE N'Creator'
    END,
    Known.rtypeID
FROM dbo.tblRoleType AS Known
WHERE LOWER(LTRIM(RTRIM(Known.rtypeDesc))) IN (N'member', N'manager', N'voiced', N'presenter', N'creator');
CREATE TABLE gc2pc_staging.[Settings] (
    [Setting] nvarchar(16) NOT NULL,
    [valueID] smallint NOT NULL
);
INSERT INTO gc2pc_staging.[Settings] ([Setting], [valueID])
SELECT LOWER(LTRIM(RTRIM(Known.attributeValue))), Known.valueID
FROM dbo.tblEnumValue AS Known
WHERE LOWER(LTRIM(RTRIM(Known.attributeValue))) IN (N'private', N'scope', N'open', N'normal', N'auditorium');
GO
DECLARE @why nvarchar(2000);
SELECT @why = COALESCE(@why + N', ', N'') + N'role ' + Used.RoleType
FROM (SELECT DISTINCT Role.RoleType FROM gc2pc_staging.[Roles] AS Role WHERE Role.IsLoaded = 1) AS Used
WHERE (SELECT COUNT(*) FROM gc2pc_staging.[RoleTypes] AS Known WHERE Known.RoleType = Used.RoleType) <> 1;
SELECT @why = COALESCE(@why + N', ', N'') + N'setting ' + Used.Setting
FROM (
    SELECT Room.Visibility AS Setting FROM gc2pc_staging.[Rooms] AS Room
    UNION
    SELECT Room.Behavior AS Setting FROM gc2pc_staging.[Rooms] AS Room
) AS Used
WHERE (SELECT COUNT(*) FROM gc2pc_staging.[Settings] AS Known WHERE Known.Setting = Used.Setting) <> 1;
SELECT @why = COALESCE(@why + N', ', N'') + N'type of principal ' + CONVERT(nvarchar(20), Used.TypeId)
FROM (SELECT DISTINCT Person.TypeId FROM gc2pc_staging.[People] AS Person) AS Used
WHERE NOT EXISTS (SELECT 1 FROM dbo.tblPrincipalType AS Known WHERE Known.ptypeID = Used.TypeId);
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: the target does not know, or knows more than once, what is needed: %s.', 16, 1, @why);
    RETURN;
END;
GO

-- Principals: those that the target has by GUID stay as they are, others are added.
CREATE TABLE gc2pc_staging.[PersonIds] (
    [Person] int NOT NULL PRIMARY KEY,
    [prinID] int NOT NULL,
    [IsNew] bit NOT NULL
);
INSERT INTO gc2pc_staging.[PersonIds] ([Person], [prinID], [IsNew])
SELECT Person.Person, Principal.prinID, 0
FROM gc2pc_staging.[People] AS Person
INNER JOIN dbo.tblPrincipal AS Principal ON Principal.prinGuid = Person.Guid;
INSERT INTO gc2pc_staging.[PersonIds] ([Person], [prinID], [IsNew])
SELECT Person.Person, CONVERT(int, Facts.LastPrincipalId + ROW_NUMBER() OVER (ORDER BY Person.Person)), 1
FROM gc2pc_staging.[People] AS Person
CROSS JOIN gc2pc_staging.[Facts] AS Facts
WHERE NOT EXISTS (SELECT 1 FROM dbo.tblPrincipal AS Principal WHERE Principal.prinGuid = Person.Guid);
GO
IF OBJECTPROPERTY(OBJECT_ID(N'dbo.tblPrincipal'), 'TableHasIdentity') = 1
    AND COLUMNPROPERTY(OBJECT_ID(N'dbo.tblPrincipal'), 'prinID', 'IsIdentity') = 1
    SET IDENTITY_INSERT dbo.tblPrincipal ON;
GO
INSERT INTO dbo.tblPrincipal (
    prinID, prinGuid, prinUri, prinName, prinDisplayName, prinCompanyName, prinEmail, prinADPath,
    prinADUserPrincipalName, prinDisabled, prinTypeID, prinAddedBy, prinAddedOn, prinUpdatedBy, prinUpdatedOn,
    prinVerifiedOn
)
SELECT
    Ids.prinID, Person.Guid, Person.Uri, Person.Name, Person.Name, Person.Company, Person.Email, Person.DirectoryPath,
    Person.UserPrincipalName, Person.Disabled, Person.TypeId, Facts.SystemId, Facts.LoadedTicks, Facts.SystemId,
    Facts.LoadedTicks, Facts.LoadedAt
FROM gc2pc_staging.[People] AS Person
INNER JOIN gc2pc_staging.[PersonIds] AS Ids ON Ids.Person = Person.Person
CROSS JOIN gc2pc_staging.[Facts] AS Facts
WHERE Ids.IsNew = 1;
GO
IF OBJECTPROPERTY(OBJECT_ID(N'dbo.tblPrincipal'), 'TableHasIdentity') = 1
    AND COLUMNPROPERTY(OBJECT_ID(N'dbo.tblPrincipal'), 'prinID', 'IsIdentity') = 1
    SET IDENTITY_INSERT dbo.tblPrincipal OFF;
GO

-- Add-ins.
INSERT INTO dbo.tblSiopWhiteList (siopID, siopName, siopUrl)
SELECT AddIn.Guid, AddIn.Name, AddIn.Url
FROM gc2pc_staging.[AddIns] AS AddIn
WHERE NOT EXISTS (SELECT 1 FROM dbo.tblSiopWhiteList AS Known WHERE Known.siopID = AddIn.Guid);
GO

-- Categories and rooms. A category that has the GUID of the target's root, which is not one of its
-- categories, is given another one: nothing but the root's own address goes by it.
UPDATE gc2pc_staging.[Categories]
SET [Guid] = NEWID()
WHERE [Guid] IN (SELECT Root.nodeGuid FROM dbo.tblNode AS Root WHERE Root.parentID = Root.nodeID);
IF @@ROWCOUNT > 0
    PRINT N'A category has the GUID of the root and was given another one.';
GO
DECLARE @why nvarchar(2000);
SELECT @why = COALESCE(@why + N', ', N'') + Node.nodeName
FROM dbo.tblNode AS Node
WHERE
    (Node.parentID IS NULL OR Node.parentID <> Node.nodeID)
    AND (
        Node.nodeGuid IN (SELECT Category.Guid FROM gc2pc_staging.[Categories] AS Category)
        OR Node.nodeGuid IN (SELECT Room.Guid FROM gc2pc_staging.[Rooms] AS Room)
        OR Node.nodeName COLLATE DATABASE_DEFAULT IN (SELECT Category.Name FROM gc2pc_staging.[Categories] AS Category)
        OR Node.nodeName COLLATE DATABASE_DEFAULT IN (SELECT Room.Name FROM gc2pc_staging.[Rooms] AS Room)
    );
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: the target holds categories with a name or GUID of the package: %s.', 16, 1, @why);
    RETURN;
END;
CREATE TABLE gc2pc_staging.[NodeIds] (
    [Number] int NOT NULL PRIMARY KEY,
    [nodeID] int NOT NULL
);
INSERT INTO gc2pc_staging.[NodeIds] ([Number], [nodeID])
SELECT Numbered.Number, Facts.LastNodeId + Numbered.Number
FROM (
    SELECT Category.Number FROM gc2pc_staging.[Categories] AS Category
    UNION ALL
    SELECT Room.Number FROM gc2pc_staging.[Rooms] AS Room
) AS Numbered
CROSS JOIN gc2pc_staging.[Facts] AS Facts;
GO
IF OBJECTPROPERTY(OBJECT_ID(N'dbo.tblNode'), 'TableHasIdentity') = 1
    AND COLUMNPROPERTY(OBJECT_ID(N'dbo.tblNode'), 'nodeID', 'IsIdentity') = 1
    SET IDENTITY_INSERT dbo.tblNode ON;
GO
INSERT INTO dbo.tblNode (
    nodeID, nodeGuid, parentID, nodeType, nodeName, nodeDesc, invite, logged, filePost, disabled, behavior, visibility,
    siopID, nodeAddedBy, nodeAddedOn, nodeUpdatedBy, nodeUpdatedOn
)
SELECT
    Ids.nodeID, Category.Guid, Facts.RootId, 1, Category.Name, Category.Description, Category.Invitations,
    Category.ChatHistory, Category.FileUpload, 0, Facts.RootBehavior, Facts.RootVisibility, NULL, Facts.SystemId,
    Facts.LoadedTicks, Facts.SystemId, Facts.LoadedTicks
FROM gc2pc_staging.[Categories] AS Category
INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.Number = Category.Number
CROSS JOIN gc2pc_staging.[Facts] AS Facts;
INSERT INTO dbo.tblNode (
    nodeID, nodeGuid, parentID, nodeType, nodeName, nodeDesc, invite, logged, filePost, disabled, behavior, visibility,
    siopID, nodeAddedBy, nodeAddedOn, nodeUpdatedBy, nodeUpdatedOn
)
SELECT
    Ids.nodeID, Room.Guid, Parents.nodeID, 0, Room.Name, Room.Description,
    CASE WHEN Room.InvitationsOff = 1 THEN 0 END, NULL, NULL, Room.Disabled, Behaviors.valueID, Visibilities.valueID,
    Room.AddIn, Facts.SystemId, Facts.LoadedTicks, Facts.SystemId, Facts.LoadedTicks
FROM gc2pc_staging.[Rooms] AS Room
INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.Number = Room.Number
INNER JOIN gc2pc_staging.[NodeIds] AS Parents ON Parents.Number = Room.Category
INNER JOIN gc2pc_staging.[Settings] AS Behaviors ON Behaviors.Setting = Room.Behavior
INNER JOIN gc2pc_staging.[Settings] AS Visibilities ON Visibilities.Setting = Room.Visibility
CROSS JOIN gc2pc_staging.[Facts] AS Facts;
GO
IF OBJECTPROPERTY(OBJECT_ID(N'dbo.tblNode'), 'TableHasIdentity') = 1
    AND COLUMNPROPERTY(OBJECT_ID(N'dbo.tblNode'), 'nodeID', 'IsIdentity') = 1
    SET IDENTITY_INSERT dbo.tblNode OFF;
GO

-- Scopes and roles.
INSERT INTO dbo.tblScopePrincipal (scopeNodeID, scopePrinID, scopeUpdatedBy, scopeIsDenied)
SELECT Ids.nodeID, People.prinID, Facts.SystemId, Scope.IsDenied
FROM gc2pc_staging.[Scopes] AS Scope
INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.Number = Scope.Category
INNER JOIN gc2pc_staging.[PersonIds] AS People ON People.Person = Scope.Person
CROSS JOIN gc2pc_staging.[Facts] AS Facts;
INSERT INTO dbo.tblPrincipalRole (prinRoleNodeID, prinRolePrinID, prinRoleTypeID, prinRoleUpdatedBy)
SELECT Ids.nodeID, People.prinID, Types.rtypeID, Facts.SystemId
FROM gc2pc_staging.[Roles] AS Role
INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.Number = Role.Node
INNER JOIN gc2pc_staging.[PersonIds] AS People ON People.Person = Role.Person
INNER JOIN gc2pc_staging.[RoleTypes] AS Types ON Types.RoleType = Role.RoleType
CROSS JOIN gc2pc_staging.[Facts] AS Facts
WHERE Role.IsLoaded = 1;
GO

-- Messages, and the last chat id of every room.
INSERT INTO dbo.tblChat (channelId, chatId, chatDate, userId, isAlert, content, rtf)
SELECT
    Ids.nodeID, Message.ChatId, Message.Ticks, People.prinID, Message.IsAlert, Message.Content,
    CONVERT(varchar(max), Message.Rtf)
FROM gc2pc_staging.[Messages] AS Message
INNER JOIN gc2pc_staging.[Rooms] AS Room ON Room.Guid = Message.Room
INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.Number = Room.Number
INNER JOIN gc2pc_staging.[PersonIds] AS People ON People.Person = Message.Author
ORDER BY Ids.nodeID, Message.ChatId;
INSERT INTO dbo.tblLastChatId (nodeID, lastChatID)
SELECT Ids.nodeID, Room.LastChatId
FROM gc2pc_staging.[Rooms] AS Room
INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.Number = Room.Number;
GO

-- Is everything there?
DECLARE @why nvarchar(2000);
SELECT @why = COALESCE(@why + N', ', N'') + Counted.TableName + N' has ' + CONVERT(nvarchar(20), Counted.FoundRows)
    + N' rows instead of ' + CONVERT(nvarchar(20), Counted.ExpectedRows)
FROM (
    SELECT
        N'tblNode' AS TableName,
        (
            SELECT COUNT_BIG(*)
            FROM dbo.tblNode AS Node
            INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.nodeID = Node.nodeID
        ) AS FoundRows,
        (
            SELECT SUM(Expected.ExpectedRows)
            FROM gc2pc_staging.[Expected] AS Expected
            WHERE Expected.TableName IN (N'Categories', N'Rooms')
        ) AS ExpectedRows
    UNION ALL
    SELECT
        N'tblPrincipal' AS TableName,
        (
            SELECT COUNT_BIG(*)
            FROM dbo.tblPrincipal AS Principal
            INNER JOIN gc2pc_staging.[People] AS Person ON Person.Guid = Principal.prinGuid
        ) AS FoundRows,
        (
            SELECT Expected.ExpectedRows
            FROM gc2pc_staging.[Expected] AS Expected
            WHERE Expected.TableName = N'People'
        ) AS ExpectedRows
    UNION ALL
    SELECT
        N'tblScopePrincipal' AS TableName,
        (
            SELECT COUNT_BIG(*)
            FROM dbo.tblScopePrincipal AS Scope
            INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.nodeID = Scope.scopeNodeID
        ) AS FoundRows,
        (
            SELECT Expected.ExpectedRows
            FROM gc2pc_staging.[Expected] AS Expected
            WHERE Expected.TableName = N'Scopes'
        ) AS ExpectedRows
    UNION ALL
    SELECT
        N'tblPrincipalRole' AS TableName,
        (
            SELECT COUNT_BIG(*)
            FROM dbo.tblPrincipalRole AS Role
            INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.nodeID = Role.prinRoleNodeID
        ) AS FoundRows,
        (SELECT COUNT_BIG(*) FROM gc2pc_staging.[Roles] AS Role WHERE Role.IsLoaded = 1) AS ExpectedRows
    UNION ALL
    SELECT
        N'tblChat' AS TableName,
        (SELECT COUNT_BIG(*) FROM dbo.tblChat) AS FoundRows,
        (
            SELECT Expected.ExpectedRows
            FROM gc2pc_staging.[Expected] AS Expected
            WHERE Expected.TableName = N'Messages'
        ) AS ExpectedRows
    UNION ALL
    SELECT
        N'tblLastChatId' AS TableName,
        (SELECT COUNT_BIG(*) FROM dbo.tblLastChatId) AS FoundRows,
        (
            SELECT Expected.ExpectedRows
            FROM gc2pc_staging.[Expected] AS Expected
            WHERE Expected.TableName = N'Rooms'
        ) AS ExpectedRows
) AS Counted
WHERE Counted.FoundRows <> Counted.ExpectedRows;
SELECT @why = COALESCE(@why + N', ', N'') + N'room ' + CONVERT(nvarchar(36), Room.Guid)
    + N' has other messages than the package'
FROM gc2pc_staging.[Rooms] AS Room
INNER JOIN gc2pc_staging.[NodeIds] AS Ids ON Ids.Number = Room.Number
LEFT OUTER JOIN (
    SELECT
        Chat.channelId,
        COUNT_BIG(*) AS Messages,
        MIN(Chat.chatId) AS FirstMessage,
        MAX(Chat.chatId) AS LastMessage
    FROM dbo.tblChat AS Chat
    GROUP BY Chat.channelId
) AS Found ON Found.channelId = Ids.nodeID
WHERE
    COALESCE(Found.Messages, 0) <> Room.Messages
    OR COALESCE(Found.FirstMessage, 0) <> COALESCE(Room.FirstMessage, 0)
    OR COALESCE(Found.LastMessage, 0) <> COALESCE(Room.LastMessage, 0)
    OR COALESCE(Found.LastMessage, 0) > Room.LastChatId;
IF @why IS NOT NULL
BEGIN
    ROLLBACK TRANSACTION;
    RAISERROR(N'Nothing was loaded: what arrived is not what the package says: %s.', 16, 1, @why);
    RETURN;
END;
DECLARE @loaded nvarchar(2000);
SELECT @loaded = COALESCE(@loaded + N', ', N'') + CONVERT(nvarchar(20), Expected.ExpectedRows) + N' ' + Expected.TableName
FROM gc2pc_staging.[Expected] AS Expected
WHERE Expected.TableName IN (N'People', N'Categories', N'Rooms', N'Messages');
PRINT N'Loaded, counted and compared: ' + @loaded;
GO

-- Nothing of this script stays.
DROP TABLE gc2pc_staging.[NodeIds];
DROP TABLE gc2pc_staging.[PersonIds];
DROP TABLE gc2pc_staging.[Settings];
DROP TABLE gc2pc_staging.[RoleTypes];
DROP TABLE gc2pc_staging.[Facts];
DROP TABLE gc2pc_staging.[Expected];
DROP TABLE gc2pc_staging.[Written];
-- @drop
DROP SCHEMA gc2pc_staging;
GO
COMMIT TRANSACTION;
GO
PRINT N'Committed. Go on with Export-CsPersistentChatData, as README.txt says.';
GO
