// Command verdict reads `go test -json` and says what matters: each package with
// its time, all output of what failed, and every skip with its reason. A failure
// ends it with status 1; so does a skip, since here everything that a test
// needs is installed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// event is one line of test2json (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64
	Output  string
}

type key struct{ pkg, test string }

func main() {
	var tests, failures, skips int
	var failed bool // a package, whether or not one of its tests did
	said := map[key]*strings.Builder{}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			break
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			fmt.Print(string(line)) // the go command's own words
			continue
		}
		k := key{e.Package, e.Test}
		switch e.Action {
		case "output":
			if said[k] == nil {
				said[k] = new(strings.Builder)
			}
			said[k].WriteString(e.Output)
			continue
		case "build-output":
			fmt.Print(e.Output)
			continue
		case "build-fail":
			failed = true
			continue
		case "pass":
			if e.Test == "" {
				fmt.Printf("ok    %7.1f s  %s\n", e.Elapsed, e.Package)
			} else {
				tests++
			}
		case "fail":
			if e.Test == "" {
				failed = true
				fmt.Printf("FAIL  %7.1f s  %s\n", e.Elapsed, e.Package)
			} else {
				failures++
			}
			print(said[k])
		case "skip":
			if e.Test != "" { // else a package without tests
				skips++
				fmt.Printf("SKIP  %s %s\n", e.Package, e.Test)
				print(said[k])
			}
		default:
			continue
		}
		delete(said, k)
	}
	// What never ended was cut off.
	for k, text := range said {
		if k.test != "" {
			failures++
			fmt.Printf("CUT OFF  %s %s\n", k.pkg, k.test)
			print(text)
		}
	}
	fmt.Printf("%d tests passed, %d failed, %d were skipped\n", tests, failures, skips)
	if failed || failures > 0 || skips > 0 || tests == 0 {
		os.Exit(1)
	}
}

// print shows what a test wrote, set in.
func print(text *strings.Builder) {
	if text == nil {
		return
	}
	for line := range strings.Lines(text.String()) {
		fmt.Print("      ", line)
	}
}
