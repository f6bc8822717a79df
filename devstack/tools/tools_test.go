package tools

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// setup makes a module with one tool of its own, so that a build needs neither
// the network nor minutes, and an empty cache.
func setup(t *testing.T) (module, cache string) {
	t.Helper()
	module = t.TempDir()
	write(t, module, "go.mod", "module countersign/tools\n\ngo 1.26\n\ntool countersign/tools/cmd/hello\n")
	write(t, module, "cmd/hello/main.go", "package main\n\nfunc main() { println(\"hello\") }\n")
	return module, filepath.Join(t.TempDir(), "bin")
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// log is a buffer that several builds may write to.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func TestBuildersThatAskAtOnceShareOneBuild(t *testing.T) {
	t.Parallel()
	module, cache := setup(t)
	var said log
	paths := make([]string, 4)
	var wait sync.WaitGroup
	for i := range paths {
		wait.Go(func() {
			path, err := build(t.Context(), module, cache, "hello", &said)
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	wait.Wait()
	if n := strings.Count(said.text.String(), "done\n"); n != 1 {
		t.Errorf("built %d times:\n%s", n, said.text.String())
	}
	for _, path := range paths {
		if path != paths[0] {
			t.Errorf("two paths of one tool: %s and %s", paths[0], path)
		}
	}
	out, err := exec.CommandContext(t.Context(), paths[0]).CombinedOutput()
	if err != nil || string(out) != "hello\n" {
		t.Errorf("the built tool said %q, %v", out, err)
	}
}

func TestAChangedModuleIsBuiltAnew(t *testing.T) {
	t.Parallel()
	module, cache := setup(t)
	before, err := build(t.Context(), module, cache, "hello", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	write(t, module, "go.sum", "example.com/other v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
	after, err := build(t.Context(), module, cache, "hello", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if before == after {
		t.Errorf("both builds are %s", before)
	}
}

func TestAFailedBuildLeavesNoProgramAndSaysWhatTheCompilerSaid(t *testing.T) {
	t.Parallel()
	module, cache := setup(t)
	write(t, module, "cmd/hello/main.go", "package main\n\nfunc main() { undefinedThing() }\n")
	_, err := build(t.Context(), module, cache, "hello", t.Output())
	if err == nil || !strings.Contains(err.Error(), "undefinedThing") {
		t.Fatalf("got %v", err)
	}
	left, err := filepath.Glob(filepath.Join(cache, "hello-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if !strings.HasSuffix(path, ".lock") && !strings.HasSuffix(path, ".log") {
			t.Errorf("left %s", path)
		}
	}
}

func TestOnlyToolsThatNobodyAsksForArePruned(t *testing.T) {
	t.Parallel()
	module, cache := setup(t)
	write(t, cache, "forgotten-0123", "")
	write(t, cache, "asked-4567", "")
	old := time.Now().Add(-unused - time.Hour)
	if err := os.Chtimes(filepath.Join(cache, "forgotten-0123"), old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := build(t.Context(), module, cache, "hello", t.Output()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(cache, "forgotten-0123")); !os.IsNotExist(err) {
		t.Errorf("the forgotten tool is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cache, "asked-4567")); err != nil {
		t.Errorf("the tool in use is gone: %v", err)
	}
}

func TestAnUnknownToolIsRefusedWithTheOnesThatThereAre(t *testing.T) {
	t.Parallel()
	module, cache := setup(t)
	_, err := build(t.Context(), module, cache, "nonsense", t.Output())
	if err == nil || !strings.Contains(err.Error(), "which has hello") {
		t.Errorf("got %v", err)
	}
}

func TestEveryToolOfTheProjectIsFoundByItsProgramsName(t *testing.T) {
	t.Parallel()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"temporal":      "github.com/temporalio/cli/cmd/temporal",
		"stripe-mock":   "github.com/stripe/stripe-mock",
		"sqlc":          "github.com/sqlc-dev/sqlc/cmd/sqlc",
		"templ":         "github.com/a-h/templ/cmd/templ",
		"workflowcheck": "go.temporal.io/sdk/contrib/tools/workflowcheck",
		"golangci-lint": "github.com/golangci/golangci-lint/v2/cmd/golangci-lint",
	} {
		got, err := lookUp(t.Context(), filepath.Join(root, "tools"), name)
		if err != nil || got != want {
			t.Errorf("%s is %s, %v", name, got, err)
		}
	}
}
