-- Run once by an administrator; the passwords are those of prefect.env and hitline.env.
CREATE ROLE prefect LOGIN PASSWORD 'CHANGE-ME';
CREATE DATABASE prefect OWNER prefect;
CREATE ROLE hitline LOGIN PASSWORD 'CHANGE-ME';
CREATE DATABASE hitline OWNER hitline;

-- A machine whose power or cable is gone says no goodbye; what it had locked is free after half a
-- minute of silence. hitline asks for the same by itself.
ALTER ROLE prefect SET tcp_keepalives_idle = '15s';
ALTER ROLE prefect SET tcp_keepalives_interval = '5s';
ALTER ROLE prefect SET tcp_keepalives_count = 3;
ALTER ROLE prefect SET tcp_user_timeout = '30s';
ALTER ROLE prefect SET idle_in_transaction_session_timeout = '90s';
