package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// run runs a program to its end, as the account, and returns what it printed;
// its error carries that too.
func run(ctx context.Context, as *account, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as.credential()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", program, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// environment is ours without the settings of another Postgres, and with a
// locale that exists everywhere: macOS refuses to start a server without one.
// The databases' locale is initdb's affair.
func environment() []string {
	kept := []string{"LC_ALL=C"}
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "PG") && !strings.HasPrefix(setting, "LC_") {
			kept = append(kept, setting)
		}
	}
	return kept
}
