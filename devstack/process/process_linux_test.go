package process

import (
	"os"
	"os/exec"
	"testing"
)

// Only Linux can tie a child's end to its parent's; elsewhere EndStale ends it.
func TestAChildEndsWhenWeAreKilled(t *testing.T) {
	t.Parallel()
	log := newPipe(t)
	us, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), us)
	cmd.Env = append(os.Environ(), parent+"="+log.path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log.expect(t, "ready")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	// The shell is gone when nobody holds the log open but its last sleep of a second.
	log.expectEnd(t)
}
