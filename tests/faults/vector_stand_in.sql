-- Stands for pgvector where a server has none that could be had, for migrations: what is in the
-- columns is never compared. To be run in template1, by a superuser.
CREATE DOMAIN vector AS text;
CREATE DOMAIN halfvec AS text;

-- So that the migrations find an extension.
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
SELECT 1, 'vector', 10, 'public'::regnamespace, true, '0.8.0';
