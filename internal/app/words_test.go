package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// notWords are literals that look like keys of a catalogue and are none: kinds of jobs and of entries, files.
var notWords = regexp.MustCompile(`^(party\.(signin|erase|mail\.[a-z]+)|outbox\.read|record\.(import|edit|zip)|point\.[a-z]+|admission\.mail\.[a-z]+|backup\.make|mail\.(send|erase)|record\.(key|checkpoint)|(dialogue|source)\.|cycle\.(dialogue|call)\.|(application|programme|admission|floor|followup)\.(figure\.[a-z]+|submit|read|check|object|decide|edit|step|erase|link|mail\.[a-z]+)|summary\.(published|block|account|edit|publish|remind|css|json|mail\.[a-z]+)|followup\.tell|intervention\.(mail\.[a-z]+|text|routed|authorship|erase|remind|sweep)|locale\.month\.|page\.[A-Z])|\.(json|html|css|js|svg|pdf)$`)

// TestEveryKeyInTheCode holds that every key that Go code names stands in the catalogues; the templates are held
// to the same when they are parsed.
func TestEveryKeyInTheCode(t *testing.T) {
	c, err := catalogues()
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`^(page|form|locale|record|party|setup|outbox|desk|import|fileproblem|nav|home|timeline|dialogue|count|relation|trace|fate|point|sources|check|cycle|application|admission|programme|floor|intervention|summary|followup|way|exercise)(\.[a-z0-9_-]+)+$`)
	seen := 0
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil || !key.MatchString(text) || notWords.MatchString(text) {
				return true
			}
			seen++
			if !c.Has(text) {
				t.Errorf("%s names %q, which no catalogue has", path, text)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Errorf("only %d keys were looked at", seen)
	}
}
