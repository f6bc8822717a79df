package temporal

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"

	"countersign/devstack/tools"
)

// The oldest server, major and minor, whose dev server has what Start asks of
// it and answers an Update-With-Start.
const (
	oldestMajor = 1
	oldestMinor = 26
)

// Program returns the path of a Temporal CLI: the one on PATH if it is new
// enough, else one built once a machine from tools/go.mod, which takes minutes
// and is said on log.
func Program(ctx context.Context, log io.Writer) (string, error) {
	if path, err := exec.LookPath("temporal"); err == nil {
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if err == nil && serves(string(out)) {
			return path, nil
		}
		_, _ = fmt.Fprintf(log, "The Temporal at %s is too old or doesn't run; taking the project's own\n", path)
	}
	return tools.Build(ctx, "temporal", log)
}

// serverVersion is in "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)". The
// CLI's own version says nothing when it was built from source.
var serverVersion = regexp.MustCompile(`Server v?(\d+)\.(\d+)`)

func serves(version string) bool {
	found := serverVersion.FindStringSubmatch(version)
	if found == nil {
		return false
	}
	major, _ := strconv.Atoi(found[1])
	minor, _ := strconv.Atoi(found[2])
	return major > oldestMajor || major == oldestMajor && minor >= oldestMinor
}
