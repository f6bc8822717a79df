#!/bin/sh
# Makes the namespace and the search attributes that the flows set, unless they
# are there. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where.
set -eu

# eventually runs a command until it succeeds, for a minute at most: a server
# that just started takes a while to answer, and to learn of a new namespace.
eventually() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || return 1
		sleep 2
	done
}

eventually temporal operator cluster health

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
	temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION" \
		--description "Countersign"
fi

eventually temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
	--name CountersignOrganization --type Keyword \
	--name CountersignCustomer --type Keyword \
	--name CountersignDocument --type Keyword \
	--name CountersignStatus --type Keyword
