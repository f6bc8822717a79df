package temporal

import (
	"os"
	"strings"
)

// environment is ours without the settings of another Temporal, which the CLI
// would take over.
func environment() []string {
	var kept []string
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "TEMPORAL_") {
			kept = append(kept, setting)
		}
	}
	return kept
}
