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

