package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"countersign/devstack/filelock"
)

// axe-core (https://github.com/dequelabs/axe-core, MPL-2.0) finds what keeps people with disabilities from using a page. Its one
// file is fetched from npm's registry into this user's cache; nothing of it is in this repository or in the product.
const (
	axeVersion = "4.14.1"
	// axeIntegrity is what `npm view axe-core@4.14.1 dist.integrity` says: only that package is ever run.
	axeIntegrity = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)

// Axe is axe-core's script.
type Axe string

// LoadAxe is axe-core, from the cache or, once a machine, from npm's registry by way of npm.
func LoadAxe(ctx context.Context) (Axe, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for axe-core: %w", err)
	}
	dir := filepath.Join(cache, "countersign", "npm")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the folder for axe-core: %w", err)
	}
	kept := filepath.Join(dir, "axe-core-"+axeVersion+".tgz")
	if script, err := readAxe(kept); err == nil {
		return script, nil
	}
	lock, err := filelock.Wait(ctx, kept+".lock", func() {})
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Release() }()
	if script, err := readAxe(kept); err == nil {
		return script, nil // somebody else fetched it meanwhile
	}
	if err := fetchAxe(ctx, dir); err != nil {
		return "", err
	}
	return readAxe(kept)
}

// fetchAxe has npm put the package into a folder. npm knows this machine's registry and proxy.
func fetchAxe(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("axe-core, which looks for what keeps people from using a page, is fetched once with npm: install Node.js (https://nodejs.org) and put npm on PATH")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", dir, "axe-core@"+axeVersion)
	cmd.Dir = dir // away from any project's own configuration
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm could not fetch axe-core %s, which needs npm's registry to be in reach once: %w\n%s", axeVersion, err, bytes.TrimSpace(said))
	}
	return nil
}

// readAxe takes the script out of the package, if it is the one that is known.
func readAxe(path string) (Axe, error) {
	packed, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading axe-core: %w", err)
	}
	sum := sha512.Sum512(packed)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != axeIntegrity {
		return "", fmt.Errorf("%s is another package than the one that is known: %s, not %s", path, got, axeIntegrity)
	}
	plain, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", fmt.Errorf("unpacking axe-core: %w", err)
	}
	for files := tar.NewReader(plain); ; {
		file, err := files.Next()
		if err != nil {
			return "", fmt.Errorf("looking for axe-core's script in its package: %w", err)
		}
		if file.Name != "package/axe.min.js" {
			continue
		}
		script, err := io.ReadAll(files)
		if err != nil {
			return "", fmt.Errorf("unpacking axe-core: %w", err)
		}
		return Axe(script), nil
	}
}

// axeScript runs every rule of WCAG 2.2 A and AA and what axe holds for good practice, or only those that are named, and says
// which elements break which.
const axeScript = `(async (only) => {
  const { violations } = await axe.run(document, {
    runOnly: only.length > 0 ? { type: "rule", values: only }
      : { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    rules: only.length > 0 ? {} : { "target-size": { enabled: true } },
    resultTypes: ["violations"], iframes: false, elementRef: false,
  });
  return violations.map((v) => v.id + " (" + v.help + "): " + v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200) + " " +
    n.any.concat(n.all, n.none).map((c) => c.message).join(" ")).join("\n    "));
})(%s)`

// ColourRules are the rules whose answer a dark screen may change.
var ColourRules = []string{"color-contrast", "link-in-text-block"}

// Passes fails the test if axe finds anything wrong with the page as it is on this screen. With rules, only those are asked.
func (tab *Tab) Passes(axe Axe, rules ...string) *Tab {
	tab.t.Helper()
	tab.settle()
	var quoted []string
	for _, rule := range rules {
		quoted = append(quoted, fmt.Sprintf("%q", rule))
	}
	if there := look[bool](tab, `typeof axe === "object"`); !there {
		look[bool](tab, string(axe)+"\n;true")
	}
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	expression := fmt.Sprintf(axeScript, "["+strings.Join(quoted, ", ")+"]")
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("asking axe about %s: %v", tab.Address(), err)
	}
	for _, violation := range found {
		tab.t.Errorf("%s, %s: %s", tab.Address().RequestURI(), tab.about(), violation)
	}
	return tab
}
