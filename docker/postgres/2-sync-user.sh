# The sync's own user: it may replicate, read the shop's tables and make a publication for them, and nothing else. Only the owner of a table may publish it, so it is
# a member of the owning role; where that is too much, make the publication yourself (CREATE PUBLICATION shop_sync FOR TABLE customers, orders) and grant SELECT alone.
psql -v ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname="${POSTGRES_DB:-postgres}" -v password="$(cat /run/secrets/sync-password)" <<'SQL'
CREATE ROLE shop_owner NOLOGIN;
ALTER TABLE customers OWNER TO shop_owner;
ALTER TABLE orders OWNER TO shop_owner;
CREATE ROLE sync LOGIN REPLICATION PASSWORD :'password' IN ROLE shop_owner;
GRANT CREATE ON DATABASE shop TO sync;
SQL
