package postgres

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// repository serves an archive of the Postgres of this machine under the names
// that Maven Central has them by, and counts how often it was fetched.
func repository(t *testing.T) (url string, fetched *atomic.Int32) {
	t.Helper()
	as, err := chooseAccount()
	if err != nil {
		t.Fatal(err)
	}
	b, err := choose(t.Context(), installed(), as, 0)
	if err != nil {
		t.Skipf("no Postgres to make an archive of: %v", err)
	}
	jar := archive(t, b)
	sum := sha256.Sum256(jar)
	fetched = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.URL.Path, "/io/zonky/test/postgres/embedded-postgres-binaries-"):
			http.NotFound(w, r)
		case strings.HasSuffix(r.URL.Path, ".sha256"):
			_, _ = io.WriteString(w, hex.EncodeToString(sum[:]))
		case strings.HasSuffix(r.URL.Path, "-"+string(downloadable)+".jar"):
			fetched.Add(1)
			_, _ = w.Write(jar)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, fetched
}

// archive packs programs as the published ones are packed: bin/ in a tar,
// compressed by xz, in a zip. Their libraries are a link to the installed ones.
func archive(t *testing.T, b binaries) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		text, err := os.ReadFile(b.path(program))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "bin", program), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(filepath.Dir(b.dir), "lib"), filepath.Join(dir, "lib")); err != nil {
		t.Fatal(err)
	}
	txz := exec.CommandContext(t.Context(), "tar", "-cJf", "all.txz", "bin", "lib")
	txz.Dir = dir
	txz.Env = append(os.Environ(), "XZ_OPT=-0")
	if out, err := txz.CombinedOutput(); err != nil {
		t.Skipf("tar can't compress with xz here: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "all.txz"))
	if err != nil {
		t.Fatal(err)
	}
	var jar strings.Builder
	zipped := zip.NewWriter(&jar)
	file, err := zipped.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(jar.String())
}

// reachable is a folder for the cache that the account can reach too.
func reachable(t *testing.T) string {
	t.Helper()
	as, err := chooseAccount()
	if err != nil {
		t.Fatal(err)
	}
	parent := ""
	if as != nil {
		if parent, err = shelter(); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp(parent, "cache-") //nolint:usetesting // the account can't reach what t.TempDir gives root
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// This runs as root and as an ordinary user alike.
func TestWithoutAnInstalledPostgresOneIsDownloadedOnce(t *testing.T) {
	t.Parallel()
	url, fetched := repository(t)
	cache := reachable(t)
	var wait sync.WaitGroup
	for range 2 {
		o := setup(t)
		o.folders, o.cache, o.Repository = []string{}, cache, url
		wait.Go(func() {
			s, err := Start(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			if got := ask(t, s, "SELECT 'alive'"); got != "alive" {
				t.Error(got)
			}
			stop(t, s)
		})
	}
	wait.Wait()
	if n := fetched.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func TestWithoutAnyPostgresTheErrorSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	o := setup(t)
	o.folders, o.cache, o.Repository = []string{}, reachable(t), server.URL
	_, err := Start(t.Context(), o)
	if err == nil {
		t.Fatal("it started")
	}
	for _, part := range []string{"no Postgres found", server.URL, "apt install postgresql", "brew install", "DATABASE_URL"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error isn't one line: %v", err)
	}
}
