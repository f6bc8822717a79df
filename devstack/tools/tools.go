// Package tools builds the programs that tools/go.mod pins (temporal,
// stripe-mock, sqlc, templ, workflowcheck, golangci-lint), once a machine.
package tools

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"countersign/devstack/filelock"
	"countersign/devstack/process"
	"countersign/devstack/progress"
)

// unused is how long a built tool that nobody asks for stays in the cache.
// Temporal alone is 170 MB, and every change of the tools' module makes another.
const unused = 14 * 24 * time.Hour

// flags of every build. No VCS stamp: a checkout that belongs to another user,
// as in a container, would fail it.
var flags = []string{"-buildvcs=false", "-ldflags=-s -w"}

// Build returns the path of the program called name, one of the tools of
// tools/go.mod. Unless this machine's cache has it, Build compiles it, which
// for Temporal takes minutes, and says so on log. Processes that ask at the
// same time wait for one build.
func Build(ctx context.Context, name string, log io.Writer) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for built tools: %w", err)
	}
	return build(ctx, filepath.Join(root, "tools"), filepath.Join(cache, "countersign", "bin"), name, log)
}

// Root returns the project's folder: the nearest one at or above the working
// directory that holds the tools' module.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the project: %w", err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "tools", "go.mod"))
		if err == nil && ours.Match(text) {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("this must run inside the project's folder, the one with tools/go.mod")
		}
		dir = above
	}
}

var ours = regexp.MustCompile(`(?m)^module countersign/tools\s*$`)

func build(ctx context.Context, module, cache, name string, log io.Writer) (string, error) {
	pkg, err := lookUp(ctx, module, name)
	if err != nil {
		return "", err
	}
	key, err := fingerprint(ctx, module, pkg)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("making the folder for built tools: %w", err)
	}
	program := filepath.Join(cache, name+"-"+key)
	if built(program) {
		return program, nil
	}
	lock, err := filelock.Wait(ctx, program+".lock", func() {
		_, _ = fmt.Fprintf(log, "Waiting for another process that builds %s\n", name)
	})
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Release() }()
	if built(program) {
		return program, nil
	}

	// A half-written program must never be found under its name.
	partial := program + ".partial"
	defer func() { _ = os.Remove(partial) }()
	what := "Building " + name + " (first run only, up to some minutes)"
	err = progress.While(log, what, func() error {
		return compile(ctx, module, pkg, partial, program+".log")
	})
	if err != nil {
		return "", fmt.Errorf("building %s: %w", name, err)
	}
	if err := os.Rename(partial, program); err != nil {
		return "", fmt.Errorf("keeping the built %s: %w", name, err)
	}
	prune(cache, time.Now().Add(-unused))
	return program, nil
}

// built reports whether program is in the cache, and notes that it was asked for.
func built(program string) bool {
	now := time.Now()
	return os.Chtimes(program, now, now) == nil
}

// prune removes what nobody asked for since the given time. A program that
// runs at this moment goes on running without its file.
func prune(cache string, since time.Time) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && info.ModTime().Before(since) {
			_ = os.Remove(filepath.Join(cache, entry.Name()))
		}
	}
}

// lookUp finds the package of a tool by the name of its program: the last
// element of its import path that isn't a major version.
func lookUp(ctx context.Context, module, name string) (string, error) {
	out, err := goCommand(ctx, module, "mod", "edit", "-json")
	if err != nil {
		return "", fmt.Errorf("reading the list of tools: %w", err)
	}
	var mod struct{ Tool []struct{ Path string } }
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", fmt.Errorf("reading the list of tools: %w", err)
	}
	var known []string
	for _, tool := range mod.Tool {
		program := path.Base(tool.Path)
		if majorVersion.MatchString(program) {
			program = path.Base(path.Dir(tool.Path))
		}
		if program == name {
			return tool.Path, nil
		}
		known = append(known, program)
	}
	return "", fmt.Errorf("%s is not a tool of %s, which has %s", name, filepath.Join(module, "go.mod"), strings.Join(known, ", "))
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// fingerprint changes with whatever may change the built program.
func fingerprint(ctx context.Context, module, pkg string) (string, error) {
	toolchain, err := goCommand(ctx, module, "env", "GOVERSION", "GOOS", "GOARCH", "CGO_ENABLED")
	if err != nil {
		return "", fmt.Errorf("asking for the version of Go: %w", err)
	}
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%s\n%s\n%s\n", toolchain, pkg, flags)
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(module, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("reading the tools' module: %w", err)
		}
		_, _ = fmt.Fprintf(hash, "%d\n%s", len(text), text)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}

// compile builds pkg as the program at out. The compiler ends with us: a test
// that is killed over a long build must not leave it running beside the next.
func compile(ctx context.Context, module, pkg, out, log string) error {
	program, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("finding the go command: %w", err)
	}
	p, err := process.Start(process.Spec{
		Name: "go build",
		Path: program,
		Args: append(append([]string{"build"}, flags...), "-o", out, pkg),
		Env:  environment(module),
		Dir:  module,
		Log:  log,
	})
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.Stop(ctx))
	}
	if err := p.Failure(); err != nil {
		return err // which tells where the log is
	}
	if err := os.Remove(log); err != nil {
		return fmt.Errorf("removing the log of a build: %w", err)
	}
	return nil
}

// environment is that of the go command: the tools run here, whatever is being
// cross-compiled, and have their own module.
func environment(module string) []string {
	return append(os.Environ(), "GOOS=", "GOARCH=", "GOWORK=off", "PWD="+module)
}

// goCommand runs the go command in the tools' module. Its error carries what
// the command said.
func goCommand(ctx context.Context, module string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = module
	cmd.Env = environment(module)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return []byte(stdout.String()), nil
}
