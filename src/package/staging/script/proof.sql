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
