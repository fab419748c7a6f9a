// Package page is the shell that every page of the program stands in: layout, language, errors, security
// headers, assets, and a cache for what anonymous readers see.
//
// A wing brings templates and typed views. A template is parsed once for each language, so that its words,
// dates, numbers and links need no argument for the language: {{t "key"}}, {{date .On}}, {{link "/record"}}.
// A key that stands in no catalogue is an error when the page is parsed.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"strings"
	"text/template/parse"
	"time"

	"rostrum.example/internal/locale"
)

//go:embed templates assets
var own embed.FS

// Catalogue holds the shell's own words.
//
//go:embed catalogue
var Catalogue embed.FS

// Page is one page of the program, ready to be filled with a view of type V in every language.
type Page[V any] struct {
	name   string
	byLang map[locale.Lang]*template.Template
}

// frame is what the layout sees. The page's own blocks see only the view.
type frame struct {
	View  any
	Shell shellView
}

// Parse reads a page's template: templates/NAME.html in files, together with the files named in shared, on
// top of the shell's layout. The template defines "title" and "main", and may define "head".
func Parse[V any](s *Site, files fs.FS, name string, shared ...string) (*Page[V], error) {
	p := &Page[V]{name: name, byLang: map[locale.Lang]*template.Template{}}
	for _, lang := range locale.Langs {
		t := template.New("layout.html").Funcs(s.funcs(lang))
		if _, err := t.ParseFS(own, "templates/*.html"); err != nil {
			return nil, fmt.Errorf("parsing the layout: %w", err)
		}
		for _, file := range append(shared, name) {
			if _, err := t.ParseFS(files, "templates/"+file+".html"); err != nil {
				return nil, fmt.Errorf("parsing page %s: %w", name, err)
			}
		}
		for _, part := range t.Templates() {
			if part.Tree == nil {
				continue
			}
			if key := s.missingKey(part.Tree.Root); key != "" {
				return nil, fmt.Errorf("parsing page %s: %q stands in no catalogue", name, key)
			}
		}
		p.byLang[lang] = t
	}
	return p, nil
}

// ParseInto is Parse for a part with many pages: it does nothing once one of them has failed, so that the part looks
// at err after the last.
func ParseInto[V any](s *Site, into **Page[V], err *error, files fs.FS, name string, shared ...string) {
	if *err == nil {
		*into, *err = Parse[V](s, files, name, shared...)
	}
}

// render fills the page for one reader.
func (p *Page[V]) render(lang locale.Lang, shell shellView, view V) ([]byte, error) {
	var out bytes.Buffer
	if err := p.byLang[lang].ExecuteTemplate(&out, "layout.html", frame{View: view, Shell: shell}); err != nil {
		return nil, fmt.Errorf("filling page %s: %w", p.name, err)
	}
	return out.Bytes(), nil
}

// funcs are the words that templates use, bound to one language.
func (s *Site) funcs(lang locale.Lang) template.FuncMap {
	c := s.catalogues
	all := template.FuncMap{
		"t":       func(key string, pairs ...any) string { return c.Text(lang, key, pairs...) },
		"count":   func(key string, n int, pairs ...any) string { return c.Count(lang, key, n, pairs...) },
		"date":    func(d locale.Date) string { return c.Date(lang, d) },
		"instant": func(t time.Time) string { return c.Instant(lang, t) },
		"number":  func(n int) string { return c.Number(lang, n) },
		"list":    func(words []string) string { return c.List(lang, words) },
		"link":    func(path string) string { return "/" + string(lang) + path },
		"asset":   s.assets.path,
		"lang":    func() string { return string(lang) },
		"dir":     lang.Dir,
	}
	maps.Copy(all, s.extra(lang))
	return all
}

// missingKey walks a template for calls of t and count with a key that no catalogue has.
func (s *Site) missingKey(node parse.Node) string {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return ""
		}
		for _, child := range n.Nodes {
			if key := s.missingKey(child); key != "" {
				return key
			}
		}
	case *parse.ActionNode:
		return s.missingKey(n.Pipe)
	case *parse.TemplateNode:
		return s.missingKey(n.Pipe)
	case *parse.IfNode:
		return s.missingInBranch(&n.BranchNode)
	case *parse.RangeNode:
		return s.missingInBranch(&n.BranchNode)
	case *parse.WithNode:
		return s.missingInBranch(&n.BranchNode)
	case *parse.PipeNode:
		if n == nil {
			return ""
		}
		for _, cmd := range n.Cmds {
			if key := s.missingKey(cmd); key != "" {
				return key
			}
		}
	case *parse.CommandNode:
		for i, arg := range n.Args {
			if id, ok := arg.(*parse.IdentifierNode); ok && (id.Ident == "t" || id.Ident == "count") && i+1 < len(n.Args) {
				if key, ok := n.Args[i+1].(*parse.StringNode); ok && !s.catalogues.Has(key.Text) && !strings.HasSuffix(key.Text, ".") {
					return key.Text
				}
			}
			if key := s.missingKey(arg); key != "" {
				return key
			}
		}
	}
	return ""
}

func (s *Site) missingInBranch(n *parse.BranchNode) string {
	for _, child := range []parse.Node{n.Pipe, n.List, n.ElseList} {
		if key := s.missingKey(child); key != "" {
			return key
		}
	}
	return ""
}
