package stack

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"countersign/devstack/temporal/temporaltest"
)

// Process is the API or the worker as a process of its own.
type Process struct {
	s    *Stack
	name string
	env  []string
	path string

	mu      sync.Mutex
	command *exec.Cmd
	output  *bytes.Buffer
}

func (s *Stack) runProcesses(o Options, at temporaltest.Namespace, stripeURL, resendURL string) {
	// A test that kills waits for what it killed.
	o.Times.Answer = cmp.Or(o.Times.Answer, time.Minute)
	times, err := json.Marshal(o.Times)
	s.must(err)
	common := append(os.Environ(),
		"DATABASE_URL="+s.DatabaseURL, "TEMPORAL_ADDRESS="+at.Address, "TEMPORAL_NAMESPACE="+at.Name,
		"SITE_URL="+s.URL, "LOG_FORMAT=text", "LOG_LEVEL=warn")
	s.WorkerProcess = &Process{s: s, name: "worker", path: o.Binary, env: append(slices.Clip(common),
		"STRIPE_SECRET_KEY=sk_test_stack", "STRIPE_API_URL="+stripeURL, "RESEND_API_KEY=re_stack", "RESEND_API_URL="+resendURL,
		"MAIL_FROM=portal@countersign.test", "TOKEN_KEY="+base64.StdEncoding.EncodeToString(s.Steps.TokenKey),
		"SWEEP_EVERY=1s", "SWEEP_SETTLED=1s", "GATHER_FOR="+s.gatherFor.String())}
	s.APIProcess = &Process{s: s, name: "api", path: o.Binary, env: append(slices.Clip(common),
		"LISTEN="+s.URL[len("http://"):], "STRIPE_WEBHOOK_SECRET="+stripeSecret, "RESEND_WEBHOOK_SECRET="+resendSecret, "MFA_KEYS="+mfaKeys,
		"FLOW_TIMES="+string(times))}
	s.WorkerProcess.Start()
	s.APIProcess.Start()
	s.t.Cleanup(s.WorkerProcess.Kill)
	s.t.Cleanup(s.APIProcess.Kill)
}

// Start runs the process; the API is waited for until it answers.
func (p *Process) Start() {
	p.s.t.Helper()
	p.mu.Lock()
	p.output = &bytes.Buffer{}
	p.command = exec.Command(p.path, p.name)
	p.command.Env, p.command.Stdout, p.command.Stderr = p.env, p.output, p.output
	err := p.command.Start()
	p.mu.Unlock()
	p.s.must(err)
	if p.name != "api" {
		return
	}
	p.s.Eventually("the API to serve", func() bool {
		response, err := http.Get(p.s.URL + "/healthz")
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// Kill ends the process at once, as kill -9 does.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		return
	}
	_ = p.command.Process.Kill()
	_ = p.command.Wait() // says that it was killed
	p.command = nil
	if p.s.t.Failed() {
		p.s.t.Logf("the %s said: %s", p.name, p.output)
	}
}
