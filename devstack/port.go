package devstack

import (
	"errors"
	"fmt"

	"countersign/devstack/freeport"
)

// Port is a TCP port of 127.0.0.1 that the stack needs.
type Port struct {
	Number  int
	For     string // who listens on it, as "Temporal's UI"
	Setting string // what changes it, as "--temporal-ui-port or TEMPORAL_UI_PORT"
}

// checkPorts says of every port that can't be used why, and which setting
// changes it. Number 0 is any free port, which needs no check.
func checkPorts(ports []Port) error {
	var problems []error
	first := map[int]Port{}
	for _, p := range ports {
		if p.Number == 0 {
			continue
		}
		if other, ok := first[p.Number]; ok {
			problems = append(problems, fmt.Errorf("port %d is wanted twice, for %s and for %s: choose another with %s", p.Number, other.For, p.For, p.Setting))
			continue
		}
		first[p.Number] = p
		if freeport.Taken(p.Number) {
			problems = append(problems, fmt.Errorf("port %d, for %s, is taken by another program: end that one, or choose another port with %s", p.Number, p.For, p.Setting))
		}
	}
	return errors.Join(problems...)
}
