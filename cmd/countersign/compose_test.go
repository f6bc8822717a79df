package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/gin-gonic/gin"

	"countersign/api"
	"countersign/devstack/temporal"
)

// root is the project's folder, as seen from this package's tests.
const root = "../.."

// filledIn are the settings that deploy/sample.env leaves to the operator.
func filledIn() map[string]string {
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	return map[string]string{
		"POSTGRES_PASSWORD":     "5e1f",
		"OWNER_PASSWORD":        "0a1b",
		"LOGIN_PASSWORD":        "2c3d",
		"TEMPORAL_PASSWORD":     "4e5f",
		"TOKEN_KEY":             key,
		"PAYLOAD_KEYS":          "k1:" + key,
		"MFA_KEYS":              "k1:" + key,
		"STRIPE_SECRET_KEY":     "sk_live_1",
		"STRIPE_WEBHOOK_SECRET": "whsec_1",
		"RESEND_API_KEY":        "re_1",
		"RESEND_WEBHOOK_SECRET": "whsec_" + key,
	}
}

// sample reads deploy/sample.env as Compose reads .env.
func sample(t *testing.T) map[string]string {
	t.Helper()
	settings, err := dotenv.Read(filepath.Join(root, "deploy", "sample.env"))
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// options load docker-compose.yml, with all of its profiles.
func options(t *testing.T, settings map[string]string, more ...cli.ProjectOptionsFn) *cli.ProjectOptions {
	t.Helper()
	var env []string
	for name, value := range settings {
		env = append(env, name+"="+value)
	}
	o, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		append([]cli.ProjectOptionsFn{cli.WithEnv(env), cli.WithProfiles([]string{"*"}), cli.WithResolvedPaths(true)}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// compose is docker-compose.yml with the sample's settings filled in.
func compose(t *testing.T) *types.Project {
	t.Helper()
	settings := sample(t)
	for name, value := range filledIn() {
		if was, ok := settings[name]; !ok || was != "" {
			t.Errorf("deploy/sample.env doesn't leave %s to be filled in, but has %q", name, was)
		}
		settings[name] = value
	}
	project, err := options(t, settings).LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// product gives the services that run this program.
func product(t *testing.T) []types.ServiceConfig {
	t.Helper()
	var services []types.ServiceConfig
	for _, service := range compose(t).Services {
		if service.Build != nil {
			services = append(services, service)
		}
	}
	if len(services) < 3 {
		t.Fatalf("only %d services run this program; the API, the worker and the migration do", len(services))
	}
	return services
}

// parser is the command line of this program, without what would end the test.
func parser(t *testing.T) *kong.Kong {
	t.Helper()
	p, err := kong.New(new(commands), kong.Name("countersign"), kong.Exit(func(int) {}), kong.BindTo(t.Context(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// flags of a command by the names of their settings in the environment.
func flags(t *testing.T, command string) map[string]*kong.Flag {
	t.Helper()
	byName := map[string]*kong.Flag{}
	for _, node := range parser(t).Model.Leaves(false) {
		if node.Path() != command {
			continue
		}
		for _, group := range node.AllFlags(false) {
			for _, flag := range group {
				for _, name := range flag.Envs {
					byName[name] = flag
				}
			}
		}
	}
	if len(byName) == 0 {
		t.Fatalf("the program has no command %q with settings", command)
	}
	return byName
}

func TestComposeSetsJustWhatTheProgramReads(t *testing.T) {
	for _, service := range product(t) {
		t.Run(service.Name, func(t *testing.T) {
			known := flags(t, strings.Join(service.Command, " "))
			for name := range service.Environment {
				if known[name] == nil {
					t.Errorf("%s means nothing to `countersign %s`", name, strings.Join(service.Command, " "))
				}
			}
			// This machine's own settings must not stand in for what Compose forgot.
			for name, flag := range known {
				t.Setenv(name, "")
				if err := os.Unsetenv(name); err != nil {
					t.Fatal(err)
				}
				value := service.Environment[name]
				if flag.Required && (value == nil || *value == "") {
					t.Errorf("%s is required and not set", name)
				}
			}
			for name, value := range service.Environment {
				if value == nil {
					t.Fatalf("%s has no value", name)
				}
				t.Setenv(name, *value)
			}
			if _, err := parser(t).Parse(service.Command); err != nil {
				t.Errorf("the program refuses it: %v", err)
			}
		})
	}
}

func TestComposeSetsTheKeysInTheirForm(t *testing.T) {
	services := compose(t).Services
	if _, err := secretKey("TOKEN_KEY", *services["worker"].Environment["TOKEN_KEY"]); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"api", "worker", "codec"} {
		codec, err := payloadFlags{PayloadKeys: *services[name].Environment["PAYLOAD_KEYS"]}.codec()
		if err != nil || codec == nil {
			t.Errorf("%s: codec is %v, %v", name, codec, err)
		}
	}
}

func TestComposeSaysWhichSettingIsMissing(t *testing.T) {
	for name := range filledIn() {
		settings := sample(t)
		maps.Copy(settings, filledIn())
		settings[name] = "" // as the sample leaves it
		_, err := options(t, settings).LoadProject(t.Context())
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "Set the ") {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestTheSampleExplainsEverySettingOfComposeAndNoOther(t *testing.T) {
	model, err := options(t, nil, cli.WithInterpolation(false), cli.WithNormalization(false), cli.WithConsistency(false)).LoadModel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "deploy", "sample.env"))
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^(#?)([A-Z_]+)=(.*)$`).FindAllStringSubmatch(string(text), -1) {
		explained[found[2]] = found[1] + found[3]
	}
	used := template.ExtractVariables(model, nil)
	for name, variable := range used {
		value, ok := explained[name]
		switch {
		case !ok:
			t.Errorf("docker-compose.yml reads %s, and deploy/sample.env doesn't mention it", name)
		case variable.Required == strings.HasPrefix(value, "#"):
			t.Errorf("%s: required is %t, and the sample has %q", name, variable.Required, value)
		case !variable.Required && value != "#"+variable.DefaultValue:
			t.Errorf("%s is %q unless set; the sample says %q", name, variable.DefaultValue, value)
		}
	}
	for name := range explained {
		if _, ok := used[name]; !ok {
			t.Errorf("deploy/sample.env mentions %s, which docker-compose.yml doesn't read", name)
		}
	}
}

func TestComposeWaitsForWhatCanBeWaitedFor(t *testing.T) {
	project := compose(t)
	for _, service := range project.Services {
		for name, dependency := range service.DependsOn {
			other, ok := project.Services[name]
			switch {
			case !ok:
				t.Errorf("%s depends on %s, which isn't there", service.Name, name)
			case dependency.Condition == types.ServiceConditionHealthy && other.HealthCheck == nil:
				t.Errorf("%s waits for %s to be healthy, which nothing checks", service.Name, name)
			case dependency.Condition == types.ServiceConditionCompletedSuccessfully && other.Restart != types.RestartPolicyNo:
				t.Errorf("%s waits for the end of %s, which is restarted", service.Name, name)
			case dependency.Condition == types.ServiceConditionStarted:
				t.Errorf("%s goes on as soon as %s starts, which says nothing", service.Name, name)
			}
		}
	}
	for _, name := range []string{"api", "worker"} {
		service := project.Services[name]
		for dependency, condition := range map[string]string{
			"migrate":   types.ServiceConditionCompletedSuccessfully,
			"namespace": types.ServiceConditionCompletedSuccessfully,
			"postgres":  types.ServiceConditionHealthy,
			"temporal":  types.ServiceConditionHealthy,
		} {
			if got := service.DependsOn[dependency].Condition; got != condition {
				t.Errorf("%s waits for %s until %q, want %q", name, dependency, got, condition)
			}
		}
		if service.HealthCheck == nil || service.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("%s: health %v, restart %q", name, service.HealthCheck, service.Restart)
		}
	}
}

func TestComposeAsksTheAPIForItsHealthWhereItIs(t *testing.T) {
	service := compose(t).Services["api"]
	asked, err := url.Parse(service.HealthCheck.Test[len(service.HealthCheck.Test)-1])
	if err != nil {
		t.Fatal(err)
	}
	if _, port, _ := strings.Cut(*service.Environment["LISTEN"], ":"); asked.Port() != port || service.Ports[0].Target != 8080 || port != "8080" {
		t.Errorf("it listens on %s, is asked at %s and published from %d", port, asked, service.Ports[0].Target)
	}
	gin.SetMode(gin.TestMode)
	router := gin.New()
	api.New(api.Config{}, router)
	if !slices.ContainsFunc(router.Routes(), func(r gin.RouteInfo) bool { return r.Method == http.MethodGet && r.Path == asked.Path }) {
		t.Errorf("the API has no %s", asked.Path)
	}
}

func TestTheImageHasThePrograms(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	copied := regexp.MustCompile(`(?m)^COPY --from=\w+ \S+ (\S+)$`).FindAllStringSubmatch(string(text), -1)
	var programs []string
	for _, c := range copied {
		programs = append(programs, path.Base(c[1]))
	}
	for _, service := range product(t) {
		if service.HealthCheck == nil {
			continue
		}
		if test := service.HealthCheck.Test; test[0] != "CMD" || !slices.Contains(programs, test[1]) {
			t.Errorf("%s is checked with %q; the image has no shell, and only %q", service.Name, test, programs)
		}
	}
}

// A tag that moves with every release would change an installation behind its back.
func TestImagesArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`:v?[0-9]+\.[0-9]+[0-9a-z.-]*$|/static-debian12:nonroot$`)
	for _, service := range compose(t).Services {
		if service.Build == nil && !pinned.MatchString(service.Image) {
			t.Errorf("%s runs %s", service.Name, service.Image)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(text), -1) {
		if !pinned.MatchString(from[1]) {
			t.Errorf("the image is made from %s", from[1])
		}
	}
}

func TestWhatComposeMountsIsThere(t *testing.T) {
	for _, service := range compose(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", service.Name, err)
			}
			for _, word := range slices.Concat(service.Command, service.Entrypoint, settings(service)) {
				if name, ok := strings.CutPrefix(word, volume.Target+"/"); ok {
					if _, err := os.Stat(filepath.Join(volume.Source, name)); err != nil {
						t.Errorf("%s: %v", service.Name, err)
					}
				}
			}
		}
	}
}

// Only the proxy serves the world; everything else is on loopback, or not published at all.
func TestOnlyTheProxyIsReachedFromOutside(t *testing.T) {
	for _, service := range compose(t).Services {
		for _, port := range service.Ports {
			if service.Name != "proxy" && port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", service.Name, port.Published, port.HostIP)
			}
		}
	}
}

func TestTheProxyIsTrusted(t *testing.T) {
	project := compose(t)
	subnet := project.Networks["edge"].Ipam.Config[0].Subnet
	if trusted := *project.Services["api"].Environment["TRUSTED_PROXIES"]; trusted != subnet {
		t.Errorf("the API trusts %s, and the proxy is in %s", trusted, subnet)
	}
}

func TestComposesTemporalKnowsTheSearchAttributes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "deploy", "temporal", "namespace.sh"))
	if err != nil {
		t.Fatal(err)
	}
	registered := map[string]string{}
	for _, found := range regexp.MustCompile(`--name (\w+) --type (\w+)`).FindAllStringSubmatch(string(text), -1) {
		registered[found[1]] = found[2]
	}
	want := map[string]string{}
	for name, kind := range temporal.SearchAttributes() {
		want[name] = kind.String()
	}
	if !maps.Equal(registered, want) {
		t.Errorf("deploy/temporal/namespace.sh registers %v, the flows set %v", registered, want)
	}
}

func settings(service types.ServiceConfig) []string {
	var values []string
	for name, value := range service.Environment {
		if value != nil {
			values = append(values, *value)
		} else {
			values = append(values, fmt.Sprintf("%s without a value", name))
		}
	}
	return values
}
