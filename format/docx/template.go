package docx

import (
	"archive/zip"
	"bytes"
	"cmp"
	"io"
	"path"
	"slices"
	"strings"
)

// Template is a document with fields: {{name}}, «name» or a MERGEFIELD. What
// stands between {{#name}} and {{/name}} is a block, repeated for each entry
// of a list: words of a paragraph, whole paragraphs, or rows of a table. It
// does not change and may be filled by many at the same time.
type Template struct {
	// Notices lists what is wrong with the template or was taken out of it:
	// references to something outside, fields that fetch something.
	Notices []Problem

	fields []Field
	parts  []templatePart
}

// Field is a field or a block of a template.
type Field struct {
	Name      string
	Block     bool   // it takes a list
	Within    string // the innermost block it stands in
	Part      string // where it stands first
	Paragraph int
	Count     int // how often it is there
}

// templatePart is a part that is either packed or made when it is filled.
type templatePart struct {
	header zip.FileHeader
	packed []byte
	ops    []op
}

// op is one step of making a part.
type op struct {
	raw   []byte
	mark  *mark
	inner []op // of a block
	table bool // inner is a table, left out when it has no rows
}

// mark is a field, or the beginning or end of a block.
type mark struct {
	kind      markKind
	name      string
	as        string // how it is written in the template
	prefix    string // of the elements around it
	part      string
	paragraph int
	instead   *node // of a block: what stands there when the list is empty
}

type markKind int

const (
	fieldMark markKind = iota
	openMark
	closeMark
	blockMark
)

// maxFields is how many marks a template may have.
const maxFields = 5000

// Fields lists the fields and blocks of the template in the order in which
// they come first.
func (t *Template) Fields() []Field { return slices.Clone(t.fields) }

// ReadTemplate reads a .docx or .dotx file within DefaultLimits.
func ReadTemplate(r io.Reader) (*Template, error) { return DefaultLimits().ReadTemplate(r) }

// ReadTemplate is ReadTemplate within other limits.
func (l Limits) ReadTemplate(r io.Reader) (*Template, error) {
	a, err := l.open(r)
	if err != nil {
		return nil, err
	}
	c := &compiler{archive: a, template: &Template{}, changed: map[string]*node{}}
	if err := c.compile(); err != nil {
		return nil, err
	}
	c.template.Notices = c.list
	return c.template, nil
}

// compiler makes a template of a file.
type compiler struct {
	*archive
	notices
	template *Template
	changed  map[string]*node // parts that are not as they were, by name in lower case

	parent    map[*node]*node // of the part at hand
	part      string
	paragraph int
	marks     int
}

func (c *compiler) compile() error {
	rels, err := c.relations(c.main)
	if err != nil {
		return err
	}
	if err := c.sanitise(); err != nil {
		return err
	}
	ops := map[string][]op{}
	texts := []string{c.main}
	for _, rel := range rels {
		switch rel.kind {
		case "header", "footer", "footnotes", "endnotes":
			if !rel.external && c.has(rel.target) && !slices.Contains(texts, rel.target) {
				texts = append(texts, rel.target)
			}
		}
	}
	for _, name := range texts {
		root, err := c.load(name)
		if err != nil {
			return err
		}
		before := c.marks
		if err := c.text(name, root); err != nil {
			return err
		}
		if c.marks > before {
			ops[strings.ToLower(name)] = compiled(root)
			c.collect(ops[strings.ToLower(name)], "")
		}
	}
	pack := newPacker()
	for _, f := range c.files {
		key := strings.ToLower(f.Name)
		p := templatePart{header: partHeader(f.Name)}
		if p.ops = ops[key]; p.ops == nil {
			data, err := c.archive.part(f.Name)
			if err != nil {
				return err
			}
			if root := c.changed[key]; root != nil {
				data = root.appendXML([]byte(head))
			}
			packed, err := pack.pack(&p.header, data)
			if err != nil {
				return err
			}
			p.packed = bytes.Clone(packed)
		}
		c.template.parts = append(c.template.parts, p)
	}
	// What says which part is what stands first.
	slices.SortStableFunc(c.template.parts, func(a, b templatePart) int {
		return cmp.Compare(btoi(a.header.Name != "[Content_Types].xml"), btoi(b.header.Name != "[Content_Types].xml"))
	})
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// load gives the tree of a part, with what was changed in it before.
func (c *compiler) load(name string) (*node, error) {
	if root := c.changed[strings.ToLower(name)]; root != nil {
		return root, nil
	}
	return c.tree(name)
}

// sanitise takes out what leads outside the file, what runs when it is opened,
// and the names of who made the template.
func (c *compiler) sanitise() error {
	for _, f := range c.files {
		dir, base := path.Split(f.Name)
		lower := strings.ToLower(f.Name)
		switch {
		case strings.HasSuffix(strings.ToLower(dir), "_rels/") && strings.HasSuffix(lower, ".rels"):
			part := dir[:len(dir)-len("_rels/")] + base[:len(base)-len(".rels")]
			if err := c.sanitiseRelations(f.Name, part); err != nil {
				return err
			}
		case lower == "[content_types].xml":
			for _, k := range c.types.kids {
				for i := range k.attrs {
					if k.attrs[i].value == typeTemplate {
						k.attrs[i].value = typeDocument
						c.changed[lower] = c.types
					}
				}
			}
		}
	}
	rels, err := c.relations("")
	if err != nil {
		return err
	}
	for _, rel := range rels {
		if rel.kind == "core-properties" && !rel.external && c.has(rel.target) {
			root, err := c.load(rel.target)
			if err != nil {
				return err
			}
			root.kids = slices.DeleteFunc(root.kids, func(k *node) bool { return k.is("dc", "creator") || k.is("cp", "lastModifiedBy") })
			c.changed[strings.ToLower(rel.target)] = root
		}
	}
	rels, err = c.relations(c.main)
	if err != nil {
		return err
	}
	for _, rel := range rels {
		if rel.kind != "settings" || rel.external || !c.has(rel.target) {
			continue
		}
		root, err := c.load(rel.target)
		if err != nil {
			return err
		}
		if merge := root.kid("mailMerge"); merge != nil {
			c.notice(Problem{Code: ExternalReference, Part: rel.target, Value: "mailMerge"})
			root.kids = slices.DeleteFunc(root.kids, func(k *node) bool { return k == merge })
			c.changed[strings.ToLower(rel.target)] = root
		}
	}
	return nil
}

// sanitiseRelations drops relations to the outside, apart from good links, and
// what rests on them in their part.
func (c *compiler) sanitiseRelations(name, part string) error {
	root, err := c.tree(name)
	if err != nil {
		return err
	}
	rels, err := relationsIn(root, name, part)
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, rel := range rels {
		if !rel.external || rel.kind == "hyperlink" && goodLink(rel.target) {
			continue
		}
		code := ExternalReference
		if rel.kind == "hyperlink" {
			code = BadLink
		}
		c.notice(Problem{Code: code, Part: part, Value: clip(rel.target)})
		gone[rel.id] = true
	}
	if len(gone) == 0 {
		return nil
	}
	root.kids = slices.DeleteFunc(root.kids, func(k *node) bool { id, _ := k.attr("", "Id"); return gone[id] })
	c.changed[strings.ToLower(name)] = root
	if !c.has(part) {
		return nil
	}
	tree, err := c.load(part)
	if err != nil {
		return err
	}
	drop(tree, gone)
	c.changed[strings.ToLower(part)] = tree
	return nil
}

// drop takes out what rests on relations that are gone. A link keeps its
// words, a picture that is also in the file stays.
func drop(n *node, gone map[string]bool) {
	n.kids = slices.DeleteFunc(n.kids, func(k *node) bool {
		rests := func(a attr) bool { return a.space == "r" && gone[a.value] }
		if !slices.ContainsFunc(k.attrs, rests) {
			drop(k, gone)
			return false
		}
		if !k.is("w", "hyperlink") && !k.is("a", "blip") {
			return true
		}
		k.attrs = slices.DeleteFunc(k.attrs, rests)
		drop(k, gone)
		return false
	})
}

// collect lists the fields of a part.
func (c *compiler) collect(ops []op, within string) {
	for _, o := range ops {
		if o.mark != nil {
			f := Field{Name: o.mark.name, Block: o.mark.kind == blockMark, Within: within, Part: o.mark.part, Paragraph: o.mark.paragraph, Count: 1}
			if i := slices.IndexFunc(c.template.fields, func(g Field) bool { return g.Name == f.Name && g.Block == f.Block && g.Within == f.Within }); i >= 0 {
				c.template.fields[i].Count++
			} else {
				c.template.fields = append(c.template.fields, f)
			}
		}
		inside := within
		if o.mark != nil && o.mark.kind == blockMark {
			inside = o.mark.name
		}
		c.collect(o.inner, inside)
	}
}

// compiled turns a tree into steps: what does not change is bytes.
func compiled(root *node) []op {
	var list []op
	b := []byte(head)
	var walk func(n *node)
	flush := func() {
		if len(b) > 0 {
			list = append(list, op{raw: b})
			b = nil
		}
	}
	sub := func(kids ...*node) []op {
		outer, outerBytes := list, b
		list, b = nil, nil
		for _, k := range kids {
			walk(k)
		}
		flush()
		inner := list
		list, b = outer, outerBytes
		return inner
	}
	walk = func(n *node) {
		switch {
		case n.mark != nil:
			flush()
			list = append(list, op{mark: n.mark, inner: sub(n.kids...)})
		case n.local == "":
			b = appendText(b, n.text)
		case n.is("w", "tbl") && !slices.ContainsFunc(n.kids, func(k *node) bool { return k.is("w", "tr") }) && slices.ContainsFunc(n.kids, func(k *node) bool { return k.mark != nil }):
			flush()
			list = append(list, op{table: true, inner: sub(&node{prefix: n.prefix, local: n.local, attrs: n.attrs, kids: n.kids})})
		default:
			b = n.appendStart(b)
			if len(n.kids) == 0 {
				b = append(b[:len(b)-1], '/', '>')
				return
			}
			for _, k := range n.kids {
				walk(k)
			}
			b = n.appendEnd(b)
		}
	}
	walk(root)
	flush()
	return list
}
