//go:build unix && !linux

package process

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing: these systems can't. EndStale is what finds a
// child that outlived us.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// CommandLine returns the words of a running process's command line, its name
// first. A process that has ended has none.
func CommandLine(pid int) ([]string, bool) {
	out, err := exec.Command("ps", "-ww", "-o", "stat=,command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return nil, false
	}
	words := strings.Fields(string(out))
	if len(words) < 2 || strings.HasPrefix(words[0], "Z") {
		return nil, false
	}
	return words[1:], true
}

// split brings an exact command line to the form in which CommandLine returns
// it: ps doesn't show where an argument ends.
func split(command []string) []string { return strings.Fields(strings.Join(command, " ")) }
