-- Who may log in to the installation's Postgres, and what each one owns. Postgres's image runs this once, as the
-- superuser, when its volume is empty.
--
--   countersign_owner   owns the product's database; `countersign migrate` runs as it
--   countersign_login   is what the API and the worker log in as; owns nothing and, until it takes one of the two
--                       roles that it is a member of, may do nothing
--   temporal            owns Temporal's two databases, and can't connect to ours

\getenv owner_password OWNER_PASSWORD
\getenv login_password LOGIN_PASSWORD
\getenv temporal_password TEMPORAL_PASSWORD

-- The roles that the schema's policies are written for. The migrations would make them, for which their user would have
-- to be allowed to make roles.
CREATE ROLE countersign_app    NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE countersign_across NOLOGIN NOSUPERUSER NOBYPASSRLS;

CREATE ROLE countersign_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE countersign_login LOGIN NOINHERIT PASSWORD :'login_password';
GRANT countersign_app, countersign_across TO countersign_login;
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';

CREATE DATABASE countersign         OWNER countersign_owner;
CREATE DATABASE temporal            OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE ALL ON DATABASE countersign, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE countersign TO countersign_login;
