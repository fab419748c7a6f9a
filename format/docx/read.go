package docx

import (
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

const maxOpen = 40 // comments and anchors at one place

// Read reads a document made by Word, LibreOffice, Google Docs or Write,
// within DefaultLimits. A file that is refused gives a *Problem.
func Read(r io.Reader) (*Document, error) { return DefaultLimits().Read(r) }

// Read is Read within other limits.
func (l Limits) Read(r io.Reader) (*Document, error) {
	a, err := l.open(r)
	if err != nil {
		return nil, err
	}
	f := &reader{
		archive: a, doc: &Document{},
		comments: map[int]bool{}, placed: map[int]bool{}, notes: map[bool]*notes{},
	}
	if err := f.read(); err != nil {
		return nil, err
	}
	d := f.doc.normal()
	d.Notices = f.list
	return d, nil
}

// reader goes through the parts of one file.
type reader struct {
	*archive
	notices
	doc *Document

	styles       *styles
	num          *numbering
	comments     map[int]bool
	placed       map[int]bool // comments that lie on something
	notes        map[bool]*notes
	letters      map[string]int // by language, to find that of the document
	saysLanguage bool           // or that it is not known

	first   *node // the first w:sectPr
	headers []*node
}

// notes are the footnotes or endnotes that were not read yet.
type notes struct {
	part string
	rels map[string]relation
	byID map[string]*node
}

func (f *reader) read() error {
	rels, err := f.relations(f.main)
	if err != nil {
		return err
	}
	find := func(kind string) (*node, string, error) {
		for _, rel := range rels {
			if rel.kind == kind && !rel.external && f.has(rel.target) {
				root, err := f.tree(rel.target)
				return root, rel.target, err
			}
		}
		return nil, "", nil
	}
	if err := f.outside(); err != nil {
		return err
	}
	root, _, err := find("styles")
	if err != nil {
		return err
	}
	f.styles = readStyles(root)
	if root, _, err = find("numbering"); err != nil {
		return err
	}
	f.num = readNumbering(root)
	if root, _, err = find("settings"); err != nil {
		return err
	}
	if track := root.kid("trackRevisions"); track != nil {
		f.doc.Track = track.on()
	}
	if err := f.properties(); err != nil {
		return err
	}
	extended, _, err := find("commentsExtended")
	if err != nil {
		return err
	}
	root, part, err := find("comments")
	if err != nil {
		return err
	}
	if err := f.readComments(root, extended, part); err != nil {
		return err
	}
	for _, end := range []bool{false, true} {
		kind := "footnote"
		if end {
			kind = "endnote"
		}
		root, part, err := find(kind + "s")
		if err != nil {
			return err
		}
		n := &notes{part: part, byID: map[string]*node{}}
		if root != nil {
			for _, k := range root.kids {
				if k.is("w", kind) && (k.val("type") == "" || k.val("type") == "normal") {
					n.byID[k.val("id")] = k
				}
			}
			if n.rels, err = f.links(part); err != nil {
				return err
			}
		}
		f.notes[end] = n
	}
	if root, err = f.tree(f.main); err != nil {
		return err
	}
	body := root.kid("body")
	if !root.is("w", "document") || body == nil {
		return &Problem{Code: NotDOCX, Part: f.main, Value: clip(root.local)}
	}
	f.letters = map[string]int{}
	s := &story{reader: f, part: f.main}
	if s.rels, err = f.links(f.main); err != nil {
		return err
	}
	f.doc.Blocks = s.blocks(body)
	s.close()
	for _, c := range f.doc.Comments {
		if !f.placed[c.ID] {
			f.notice(Problem{Code: CommentLoose, Value: clip(c.Text)})
		}
	}
	if !f.saysLanguage {
		for _, tag := range sortedKeys(f.letters) {
			if f.letters[tag] > f.letters[f.doc.Language] || f.doc.Language == "" {
				f.doc.Language = tag
			}
		}
	}
	return f.readHeaders(s.rels)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// links are the relations of a part by id.
func (f *reader) links(part string) (map[string]relation, error) {
	list, err := f.relations(part)
	if err != nil {
		return nil, err
	}
	m := make(map[string]relation, len(list))
	for _, rel := range list {
		m[rel.id] = rel
	}
	return m, nil
}

// outside lists what any part refers to outside the file, links apart.
func (f *reader) outside() error {
	for _, file := range f.files {
		dir, base := path.Split(file.Name)
		if !strings.HasSuffix(strings.ToLower(dir), "_rels/") || !strings.HasSuffix(strings.ToLower(base), ".rels") {
			continue
		}
		part := dir[:len(dir)-len("_rels/")] + base[:len(base)-len(".rels")]
		root, err := f.tree(file.Name)
		if err != nil {
			return err
		}
		rels, err := relationsIn(root, file.Name, part)
		if err != nil {
			return err
		}
		for _, rel := range rels {
			if rel.external && rel.kind != "hyperlink" {
				f.notice(Problem{Code: ExternalReference, Part: part, Value: clip(rel.target)})
			}
		}
	}
	return nil
}

// properties reads title, language and the custom properties. Names of
// persons in them are not read.
func (f *reader) properties() error {
	rels, err := f.relations("")
	if err != nil {
		return err
	}
	for _, rel := range rels {
		if rel.external || !f.has(rel.target) || rel.kind != "core-properties" && rel.kind != "custom-properties" && rel.kind != "customProperties" {
			continue
		}
		root, err := f.tree(rel.target)
		if err != nil {
			return err
		}
		for _, k := range root.kids {
			switch {
			case k.is("dc", "title"):
				f.doc.Title = k.words()
			case k.is("dc", "language"):
				if tag := strings.TrimSpace(k.words()); plainTag(tag) {
					f.doc.Language, f.saysLanguage = tag, true
				}
			case k.is("op", "property"):
				name, _ := k.attr("", "name")
				if name != "" && len(name) <= maxProperty && len(k.kids) > 0 {
					if f.doc.Properties == nil {
						f.doc.Properties = map[string]string{}
					}
					f.doc.Properties[name] = k.words()
				}
			}
		}
	}
	return nil
}

func (f *reader) readComments(root, extended *node, part string) error {
	if root == nil {
		return nil
	}
	rels, err := f.links(part)
	if err != nil {
		return err
	}
	byPara := map[string]int{} // last paragraph of a comment to its place in the list
	for _, k := range root.kids {
		id := number(k.val("id"))
		if !k.is("w", "comment") || id < 0 || f.comments[id] {
			continue
		}
		f.comments[id] = true
		s := &story{reader: f, part: part, rels: rels, plain: true}
		var lines []string
		var last string
		for _, b := range s.blocks(k) {
			switch b := b.(type) {
			case *Paragraph:
				lines = append(lines, b.Text(Accepted))
			case *Table:
				each([]Block{b}, func(p *Paragraph) bool { lines = append(lines, p.Text(Accepted)); return true })
			}
		}
		for _, p := range k.kids {
			if v, ok := p.attr("w14", "paraId"); ok {
				last = v
			}
		}
		if last != "" {
			byPara[last] = len(f.doc.Comments)
		}
		f.doc.Comments = append(f.doc.Comments, Comment{
			ID: id, Author: k.val("author"), Initials: k.val("initials"), Date: date(k.val("date")),
			Text: strings.Join(lines, "\n"),
		})
	}
	if extended == nil {
		return nil
	}
	for _, k := range extended.kids {
		of := func(name string) (int, bool) {
			v, _ := k.attr("w15", name)
			i, ok := byPara[v]
			return i, ok
		}
		i, ok := of("paraId")
		if !ok {
			continue
		}
		if done, _ := k.attr("w15", "done"); done == "1" || done == "true" {
			f.doc.Comments[i].Resolved = true
		}
		if parent, ok := of("paraIdParent"); ok && parent != i {
			f.doc.Comments[i].Parent, f.doc.Comments[i].Reply = f.doc.Comments[parent].ID, true
		}
	}
	return nil
}

// readHeaders reads the header and footer of the first section.
func (f *reader) readHeaders(rels map[string]relation) error {
	taken := map[string]bool{}
	for _, ref := range f.headers {
		id, _ := ref.attr("r", "id")
		rel, ok := rels[id]
		if !ok || rel.external || !f.has(rel.target) || taken[rel.target] {
			continue
		}
		taken[rel.target] = true
		root, err := f.tree(rel.target)
		if err != nil {
			return err
		}
		links, err := f.links(rel.target)
		if err != nil {
			return err
		}
		s := &story{reader: f, part: rel.target, rels: links, plain: true, pages: true}
		var lines []string
		for _, b := range s.blocks(root) {
			if p, ok := b.(*Paragraph); ok {
				lines = append(lines, p.Text(Accepted))
			} else {
				each([]Block{b}, func(p *Paragraph) bool { lines = append(lines, p.Text(Accepted)); return true })
			}
		}
		text := strings.Join(lines, "\n")
		var place *string
		if f.first != nil && slices.Contains(f.first.kids, ref) && (ref.val("type") == "default" || ref.val("type") == "") {
			place = &f.doc.Header
			if ref.local == "footerReference" {
				place = &f.doc.Footer
			}
		}
		switch {
		case place != nil && *place == "":
			*place = text
		case strings.TrimSpace(text) != "":
			f.notice(Problem{Code: OtherHeader, Part: rel.target, Value: clip(text)})
		}
	}
	return nil
}

// date reads an instant. Word writes the time of the author's clock and marks
// it as UTC; there is no telling.
func date(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return second(t)
		}
	}
	return time.Time{}
}

func number(s string) int {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return -1
	}
	return atoi(s)
}
