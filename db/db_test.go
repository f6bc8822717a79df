package db_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/db/dbtest"
	"countersign/portal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// setup makes two organizations and opens the product's door to them.
func setup(t *testing.T) (d *db.DB, url string, one, two uuid.UUID) {
	t.Helper()
	url = dbtest.New(t)
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	one, two = uuid.New(), uuid.New()
	for slug, id := range map[string]uuid.UUID{"one": one, "two": two} {
		if _, err := owner.Exec(t.Context(), `INSERT INTO organizations (id, slug, name, email, currency, time_zone, locale)
			VALUES ($1, $2, $2, 'office@example.test', 'USD', 'UTC', 'en-US')`, id, slug); err != nil {
			t.Fatal(err)
		}
	}
	if d, err = db.Open(t.Context(), db.Options{URL: url}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d, url, one, two
}

// A transaction sees its principal's organization, and the next one on the same
// connection sees nothing of it.
func TestInSeesItsOwnOrganizationAlone(t *testing.T) {
	d, _, one, two := setup(t)
	for range 20 {
		for own, other := range map[uuid.UUID]uuid.UUID{one: two, two: one} {
			err := d.In(t.Context(), portal.System(own), func(q *dbsqlc.Queries) error {
				if _, err := q.GetOrganization(t.Context(), own); err != nil {
					return err
				}
				if _, err := q.GetOrganization(t.Context(), other); !db.NotFound(err) {
					t.Errorf("saw another organization: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := d.Anonymous(t.Context(), func(q *dbsqlc.Queries) error {
			_, err := q.GetOrganization(t.Context(), one)
			return err
		})
		if !db.NotFound(err) {
			t.Fatalf("nobody saw an organization: %v", err)
		}
	}
}

// What fails leaves nothing behind.
func TestInRollsBack(t *testing.T) {
	d, _, one, _ := setup(t)
	failed := errors.New("no")
	insert := func(q *dbsqlc.Queries) error {
		return q.InsertStaff(t.Context(), dbsqlc.InsertStaffParams{OrgID: one, ID: uuid.New(), Email: "grace@example.test", Name: "Grace", Role: "admin"})
	}
	err := d.In(t.Context(), portal.System(one), func(q *dbsqlc.Queries) error { return errors.Join(insert(q), failed) })
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if err := d.In(t.Context(), portal.System(one), insert); err != nil {
		t.Fatalf("the first one stayed: %v", err)
	}
	err = d.In(t.Context(), portal.System(one), insert)
	if !db.Violates(err, "staff_org_id_email_key") {
		t.Fatalf("a second Grace: %v", err)
	}
}

// The role that spans organizations writes to none of them.
func TestAcrossWritesNothingOfAnOrganization(t *testing.T) {
	d, _, one, _ := setup(t)
	err := d.Across(t.Context(), func(q *dbsqlc.Queries) error {
		all, err := q.ListOrganizationsAcross(t.Context())
		if err != nil || len(all) != 2 {
			t.Errorf("saw %d organizations, %v", len(all), err)
		}
		return q.InsertStaff(t.Context(), dbsqlc.InsertStaffParams{OrgID: one, ID: uuid.New(), Email: "x@example.test", Name: "X", Role: "admin"})
	})
	if err == nil {
		t.Fatal("it made a member of staff")
	}
}

// Processes that migrate at the same time take turns.
func TestMigrateTwiceAtOnce(t *testing.T) {
	url := dbtest.New(t)
	done := make(chan error, 3)
	for range cap(done) {
		go func() { done <- db.Migrate(t.Context(), url) }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// A notice reaches whoever listens.
func TestListen(t *testing.T) {
	d, _, _, _ := setup(t)
	heard, ready := make(chan string, 1), make(chan struct{})
	go func() {
		_ = d.Listen(t.Context(), db.EventsChannel, func() { close(ready) }, func(payload string) { heard <- payload })
	}()
	<-ready
	err := d.Across(t.Context(), func(q *dbsqlc.Queries) error {
		return q.NotifyAcross(t.Context(), dbsqlc.NotifyAcrossParams{Channel: db.EventsChannel, Payload: "[]"})
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case payload := <-heard:
		if payload != "[]" {
			t.Errorf("heard %q", payload)
		}
	case <-time.After(10 * time.Second):
		t.Error("heard nothing")
	}
}

// Whoever has patience waits for a database that is not there yet; a password that is wrong stays wrong.
func TestOpenWaitsForTheDatabase(t *testing.T) {
	_, address, _, _ := setup(t)
	there, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	door, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := there.Host
	there.Host = door.Addr().String()
	if err := door.Close(); err != nil { // nobody is there yet
		t.Fatal(err)
	}
	if _, err := db.Open(t.Context(), db.Options{URL: there.String()}); err == nil {
		t.Fatal("it opened a database that isn't there")
	}
	opened := make(chan error, 1)
	go func() {
		d, err := db.Open(t.Context(), db.Options{URL: there.String(), Patience: time.Minute})
		if err == nil {
			d.Close()
		}
		opened <- err
	}()
	select {
	case err := <-opened:
		t.Fatalf("it didn't wait: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	if door, err = net.Listen("tcp4", there.Host); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = door.Close() }()
	go func() {
		for {
			near, err := door.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", host)
			if err != nil {
				_ = near.Close()
				continue
			}
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
		}
	}()
	if err := <-opened; err != nil {
		t.Error(err)
	}
	there.User = url.UserPassword("nobody", "knows")
	began := time.Now()
	if _, err := db.Open(t.Context(), db.Options{URL: there.String(), Patience: time.Minute}); err == nil || time.Since(began) > 30*time.Second {
		t.Errorf("after %s it says %v", time.Since(began), err)
	}
}
