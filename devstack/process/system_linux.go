package process

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent has the kernel signal the child when we end without stopping it.
func dieWithParent(attr *syscall.SysProcAttr, signal syscall.Signal) { attr.Pdeathsig = signal }

// CommandLine returns the arguments of a running process, its name first. A
// process that has ended, or only waits to be reaped, has none.
func CommandLine(pid int) ([]string, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || len(text) == 0 {
		return nil, false
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00"), true
}

// split brings an exact command line to the form in which CommandLine returns it.
func split(command []string) []string { return command }
