# The user that writes the copy: it makes the tables (tables: create), and the schema with the markers and the dead letters.
psql -v ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname="${POSTGRES_DB:-postgres}" -v password="$(cat /run/secrets/sync-password)" <<'SQL'
CREATE ROLE sync LOGIN PASSWORD :'password';
GRANT CREATE, TEMPORARY ON DATABASE shop_copy TO sync;
GRANT USAGE, CREATE ON SCHEMA public TO sync;
SQL
