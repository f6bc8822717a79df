package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/devstack/postgres"
	"countersign/portal"
)

// installation is a Postgres with the roles that deploy/postgres makes and the
// schema of this version; as gives its address for a role.
func installation(t *testing.T) (as func(user, password, database string) string) {
	t.Helper()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("no psql on PATH")
	}
	server, err := postgres.Start(t.Context(), postgres.Options{Dir: filepath.Join(t.TempDir(), "postgres"), Database: "superuser", Disposable: true, Log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	initialize := exec.CommandContext(t.Context(), psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
		"--file="+filepath.Join(root, "deploy", "postgres", "roles.sql"), server.URL())
	initialize.Env = append(os.Environ(), "OWNER_PASSWORD=owner's", "LOGIN_PASSWORD=login's", "TEMPORAL_PASSWORD=temporal's")
	if out, err := initialize.CombinedOutput(); err != nil {
		t.Fatalf("making the roles: %v\n%s", err, out)
	}
	return func(user, password, database string) string {
		address, err := url.Parse(server.URL())
		if err != nil {
			t.Fatal(err)
		}
		address.User, address.Path = url.UserPassword(user, password), "/"+database
		return address.String()
	}
}

func refused(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == "42501" // insufficient_privilege
}

func TestRolesOfAnInstallationMayWhatTheyNeedAndNoMore(t *testing.T) {
	ctx := t.Context()
	as := installation(t)

	if err := db.Migrate(ctx, as("countersign_owner", "owner's", "countersign")); err != nil {
		t.Fatal(err)
	}
	database, err := db.Open(ctx, db.Options{URL: as("countersign_login", "login's", "countersign"), MaxConns: 2})
	if err != nil {
		t.Fatalf("opening it as the API does: %v", err)
	}
	defer database.Close()
	p := portal.Principal{Org: uuid.New(), Side: portal.SideStaff}
	if err := database.In(ctx, p, func(*dbsqlc.Queries) error { return nil }); err != nil {
		t.Errorf("a transaction as the API: %v", err)
	}

	conn, err := pgx.Connect(ctx, as("countersign_login", "login's", "countersign"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, statement := range []string{
		"SELECT * FROM organizations", // before it takes a role
		"SET ROLE countersign_owner",
		"SET ROLE countersign_app; CREATE TABLE mine ()",
		"SET ROLE countersign_app; ALTER TABLE organizations DISABLE ROW LEVEL SECURITY",
		"SET ROLE countersign_across; DELETE FROM events",
	} {
		if _, err := conn.Exec(ctx, statement); !refused(err) {
			t.Errorf("%s: %v", statement, err)
		}
		if _, err := conn.Exec(ctx, "RESET ROLE"); err != nil {
			t.Fatal(err)
		}
	}

	for _, address := range []string{
		as("countersign_login", "login's", "temporal"),
		as("temporal", "temporal's", "countersign"),
	} {
		other, err := pgx.Connect(ctx, address)
		if !refused(err) {
			t.Errorf("connecting to %s: %v", address[strings.LastIndex(address, "/"):], err)
		}
		if err == nil {
			_ = other.Close(ctx)
		}
	}
}
