-- Roles of the portal on PostgreSQL, made once by a superuser before the first migration; passwords with \password.
-- What they may do in the database is written by every migration (core/roles.py).
CREATE ROLE zc_owner LOGIN;   -- owns the database and migrates
ALTER ROLE zc_owner SET lock_timeout = '2s';
CREATE ROLE zc_app NOLOGIN;   -- what the application may
CREATE ROLE zc_web LOGIN IN ROLE zc_app;
ALTER ROLE zc_web SET statement_timeout = '5s';
ALTER ROLE zc_web SET lock_timeout = '2s';
ALTER ROLE zc_web SET idle_in_transaction_session_timeout = '30s';
CREATE ROLE zc_worker LOGIN IN ROLE zc_app;
ALTER ROLE zc_worker SET statement_timeout = '60s';
ALTER ROLE zc_worker SET idle_in_transaction_session_timeout = '30s';
CREATE ROLE zc_read LOGIN;    -- figures and reports
CREATE ROLE zc_backup LOGIN REPLICATION;
