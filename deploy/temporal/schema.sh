#!/bin/sh
# Brings the schema of Temporal's two databases to the version of this image.
# The databases are there (see deploy/postgres); running it again changes nothing.
set -eu

for database in temporal temporal_visibility; do
	export SQL_DATABASE="$database"
	temporal-sql-tool setup-schema --version 0.0
	temporal-sql-tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${database#temporal_}/versioned"
done
