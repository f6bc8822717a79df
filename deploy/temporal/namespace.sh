#!/bin/sh
# Makes the namespace and the search attributes that the flows set, unless they
# are there. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where.
set -eu

until temporal operator cluster health >/dev/null; do
	echo "Waiting for Temporal."
	sleep 2
done

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
	temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION" \
		--description "Countersign"
fi

# The server takes some seconds to learn of a new namespace.
tries=0
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
	--name CountersignOrganization --type Keyword \
	--name CountersignCustomer --type Keyword \
	--name CountersignDocument --type Keyword \
	--name CountersignStatus --type Keyword; do
	tries=$((tries + 1))
	[ "$tries" -lt 30 ] || exit 1
	sleep 2
done
