-- Tables and queries in PostgreSQL for Orleans's ADO.NET providers (clustering, grain state, reminders). The providers look up queries by
-- name in OrleansQuery, pass parameters (@Name) and read columns by name. The tables are defined by this project. The script can be run
-- repeatedly.
BEGIN;

CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);

-- One row per cluster. Each change of the list of silos increments the version, and fails if another change came first.
CREATE TABLE IF NOT EXISTS lwg_cluster (deployment text PRIMARY KEY, version integer NOT NULL DEFAULT 0);

CREATE TABLE IF NOT EXISTS lwg_silo
(
    deployment text NOT NULL REFERENCES lwg_cluster,
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,
    name text NOT NULL,
    host text NOT NULL,
    status integer NOT NULL,
    gateway integer,
    suspects text,
    started timestamptz NOT NULL,
    alive timestamptz NOT NULL,
    PRIMARY KEY (deployment, address, port, generation)
);

CREATE TABLE IF NOT EXISTS lwg_state
(
    service text NOT NULL,
    id_hash integer NOT NULL,
    id_n0 bigint NOT NULL,
    id_n1 bigint NOT NULL,
    id_text text NOT NULL,
    type_hash integer NOT NULL,
    type text NOT NULL,
    payload bytea,
    version integer NOT NULL,
    PRIMARY KEY (service, type_hash, id_hash, id_n0, id_n1, type, id_text)
);

CREATE TABLE IF NOT EXISTS lwg_reminder
(
    service text NOT NULL,
    grain text NOT NULL,
    name text NOT NULL,
    started timestamptz NOT NULL,
    period bigint NOT NULL,
    hash integer NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (service, grain, name)
);

CREATE INDEX IF NOT EXISTS lwg_reminder_hash ON lwg_reminder (service, hash);

CREATE OR REPLACE VIEW lwg_members AS
SELECT c.deployment, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName, s.status AS Status, s.gateway AS ProxyPort,
       s.suspects AS SuspectTimes, s.started AS StartTime, s.alive AS IAmAliveTime, c.version AS Version
FROM lwg_cluster c LEFT JOIN lwg_silo s USING (deployment);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey',
 'WITH made AS (INSERT INTO lwg_cluster (deployment) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM made'),
('InsertMembershipKey',
 'WITH counted AS
  (
      UPDATE lwg_cluster SET version = version + 1 WHERE deployment = @DeploymentId AND version = @Version
          AND NOT EXISTS (SELECT 1 FROM lwg_silo WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
      RETURNING 1
  ),
  made AS
  (
      INSERT INTO lwg_silo (deployment, address, port, generation, name, host, status, gateway, started, alive)
      SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM counted
      RETURNING 1
  )
  SELECT count(*)::integer FROM made'),
('UpdateMembershipKey',
 'WITH counted AS
  (
      UPDATE lwg_cluster SET version = version + 1 WHERE deployment = @DeploymentId AND version = @Version
          AND EXISTS (SELECT 1 FROM lwg_silo WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
      RETURNING 1
  ),
  changed AS
  (
      UPDATE lwg_silo SET status = @Status, suspects = @SuspectTimes, alive = greatest(alive, @IAmAliveTime) FROM counted
      WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
      RETURNING 1
  )
  SELECT count(*)::integer FROM changed'),
('UpdateIAmAlivetimeKey',
 'UPDATE lwg_silo SET alive = @IAmAliveTime WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),
('MembershipReadRowKey',
 'SELECT c.deployment, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName, s.status AS Status, s.gateway AS ProxyPort,
         s.suspects AS SuspectTimes, s.started AS StartTime, s.alive AS IAmAliveTime, c.version AS Version
  FROM lwg_cluster c LEFT JOIN lwg_silo s ON s.deployment = c.deployment AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
  WHERE c.deployment = @DeploymentId'),
('MembershipReadAllKey', 'SELECT * FROM lwg_members WHERE deployment = @DeploymentId'),
('DeleteMembershipTableEntriesKey',
 'DELETE FROM lwg_silo WHERE deployment = @DeploymentId; DELETE FROM lwg_cluster WHERE deployment = @DeploymentId'),
('CleanupDefunctSiloEntriesKey',
 'DELETE FROM lwg_silo WHERE deployment = @DeploymentId AND alive < @IAmAliveTime AND started < @IAmAliveTime AND coalesce(suspects, '''') = '''' AND status = 6'),
('GatewaysQueryKey',
 'SELECT address AS Address, gateway AS ProxyPort, generation AS Generation FROM lwg_silo WHERE deployment = @DeploymentId AND status = @Status AND gateway > 0'),
('WriteToStorageKey',
 'WITH changed AS
  (
      UPDATE lwg_state SET payload = @PayloadBinary, version = version + 1
      WHERE service = @ServiceId AND type_hash = @GrainTypeHash AND id_hash = @GrainIdHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
          AND type = @GrainTypeString AND id_text = coalesce(@GrainIdExtensionString::text, '''') AND version = @GrainStateVersion::integer
      RETURNING version
  ),
  made AS
  (
      INSERT INTO lwg_state (service, id_hash, id_n0, id_n1, id_text, type_hash, type, payload, version)
      SELECT @ServiceId, @GrainIdHash, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString::text, ''''), @GrainTypeHash, @GrainTypeString, @PayloadBinary, 1
      WHERE @GrainStateVersion::integer IS NULL
      ON CONFLICT DO NOTHING
      RETURNING version
  )
  SELECT coalesce((SELECT version FROM changed), (SELECT version FROM made), @GrainStateVersion::integer) AS NewGrainStateVersion'),
('ReadFromStorageKey',
 'SELECT payload AS PayloadBinary, NULL::text AS PayloadXml, NULL::text AS PayloadJson, now(), version AS Version FROM lwg_state
  WHERE service = @ServiceId AND type_hash = @GrainTypeHash AND id_hash = @GrainIdHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
      AND type = @GrainTypeString AND id_text = coalesce(@GrainIdExtensionString::text, '''')'),
('ClearStorageKey',
 'UPDATE lwg_state SET payload = NULL, version = version + 1
  WHERE service = @ServiceId AND type_hash = @GrainTypeHash AND id_hash = @GrainIdHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
      AND type = @GrainTypeString AND id_text = coalesce(@GrainIdExtensionString::text, '''') AND version = @GrainStateVersion::integer
  RETURNING version AS NewGrainStateVersion'),
('DeleteStorageKey',
 'DELETE FROM lwg_state
  WHERE service = @ServiceId AND type_hash = @GrainTypeHash AND id_hash = @GrainIdHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1
      AND type = @GrainTypeString AND id_text = coalesce(@GrainIdExtensionString::text, '''') AND version = @GrainStateVersion::integer
  RETURNING version + 1 AS NewGrainStateVersion'),
('UpsertReminderRowKey',
 'INSERT INTO lwg_reminder (service, grain, name, started, period, hash, version) VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period::bigint, @GrainHash, 0)
  ON CONFLICT (service, grain, name) DO UPDATE SET started = excluded.started, period = excluded.period, hash = excluded.hash, version = lwg_reminder.version + 1
  RETURNING version AS Version'),
('ReadReminderRowsKey',
 'SELECT grain AS GrainId, name AS ReminderName, started AS StartTime, period AS Period, version AS Version FROM lwg_reminder WHERE service = @ServiceId AND grain = @GrainId'),
('ReadReminderRowKey',
 'SELECT grain AS GrainId, name AS ReminderName, started AS StartTime, period AS Period, version AS Version FROM lwg_reminder
  WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName'),
('ReadRangeRows1Key',
 'SELECT grain AS GrainId, name AS ReminderName, started AS StartTime, period AS Period, version AS Version FROM lwg_reminder
  WHERE service = @ServiceId AND hash > @BeginHash AND hash <= @EndHash'),
('ReadRangeRows2Key',
 'SELECT grain AS GrainId, name AS ReminderName, started AS StartTime, period AS Period, version AS Version FROM lwg_reminder
  WHERE service = @ServiceId AND (hash > @BeginHash OR hash <= @EndHash)'),
('DeleteReminderRowKey',
 'WITH gone AS (DELETE FROM lwg_reminder WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName AND version = @Version RETURNING 1)
  SELECT count(*)::integer FROM gone'),
('DeleteReminderRowsKey', 'DELETE FROM lwg_reminder WHERE service = @ServiceId')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;

COMMIT;
