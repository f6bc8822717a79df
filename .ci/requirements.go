// Command requirements rewrites the last column of docs/requirements.md: the
// tests that cite each number in a comment of theirs, such as
//
//	// R36 N3: two tabs can't pay the same invoice twice.
//
// It fails when a test cites a number that isn't in the list.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const document = "docs/requirements.md"

var (
	number = regexp.MustCompile(`\b[RN][0-9]{1,2}\b`)
	row    = regexp.MustCompile(`^\| ([RN][0-9]{1,2}) \| (.*) \| [^|]* \|$`)
)

func main() {
	log.SetFlags(0)
	cited, err := citations(".")
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(document)
	if err != nil {
		log.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		m := row.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		tests := slices.Sorted(maps.Keys(cited[m[1]]))
		delete(cited, m[1])
		if len(tests) == 0 {
			tests = []string{"none yet"}
		}
		lines[i] = fmt.Sprintf("| %s | %s | %s |", m[1], m[2], strings.Join(tests, "<br>"))
	}
	for unknown, tests := range cited {
		log.Fatalf("%s is cited by %v and isn't in %s", unknown, slices.Collect(maps.Keys(tests)), document)
	}
	if err := os.WriteFile(document, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		log.Fatal(err)
	}
}

// citations are the tests by the numbers that they cite: in the comment above a
// test, or anywhere inside it.
func citations(root string) (map[string]map[string]bool, error) {
	cited := map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			test, ok := declaration.(*ast.FuncDecl)
			if !ok || test.Recv != nil || !regexp.MustCompile(`^(Test|Fuzz|Benchmark|Example)`).MatchString(test.Name.Name) {
				continue
			}
			from, to := test.Pos(), test.End()
			if test.Doc != nil {
				from = test.Doc.Pos()
			}
			name := "`" + filepath.ToSlash(filepath.Dir(path)) + "` " + test.Name.Name
			for _, group := range file.Comments {
				if group.Pos() < from || group.End() > to {
					continue
				}
				for _, n := range number.FindAllString(group.Text(), -1) {
					if cited[n] == nil {
						cited[n] = map[string]bool{}
					}
					cited[n][name] = true
				}
			}
		}
		return nil
	})
	return cited, err
}
