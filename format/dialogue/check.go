package dialogue

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rostrum.example/format/internal/place"
)

// Check looks at several files together: every link reaches an item of an
// earlier dialogue, links do not run in a circle, a source has one address,
// and a dialogue stands in one file. The error is Problems, or nil.
func Check(files []*File) error {
	c := checker{byID: map[string]*File{}}
	for _, f := range files {
		if first := c.byID[f.ID]; first != nil {
			c.report(f, "/id", f.ID, place.DuplicateDialogue, "first", first.name())
			continue
		}
		c.byID[f.ID] = f
		c.files = append(c.files, f)
	}
	c.links()
	c.circles()
	c.sources()
	return place.Sorted(c.problems, c.more)
}

type checker struct {
	files    []*File // each dialogue once
	byID     map[string]*File
	problems Problems
	more     int // problems that were counted only
}

// name is what messages call the file.
func (f *File) name() string { return cmp.Or(f.Path, f.ID) }

func (f *File) site(pointer string) place.Site {
	return place.Site{File: f.name(), At: f.doc.Find(pointer), Pointer: pointer}
}

func (c *checker) full() bool { return len(c.problems) >= 2*place.MaxProblems }

func (c *checker) report(f *File, pointer, value string, code Code, args ...string) {
	if c.full() {
		c.more++
		return
	}
	c.problems = append(c.problems, place.New(f.site(pointer), value, code, args...))
}

func (c *checker) links() {
	items := map[string][]string{} // by dialogue
	targets := map[string]*File{}
	for _, f := range c.files {
		for _, item := range f.Items() {
			name := f.ID + "/" + item.ID
			items[f.ID] = append(items[f.ID], name)
			targets[name] = f
		}
	}
	for _, f := range c.files {
		for i, l := range f.Links {
			pointer := fmt.Sprintf("/links/%d/takes_up", i)
			target := targets[l.TakesUp]
			switch {
			case target == nil && c.full():
				c.more++
			case target == nil:
				dialogue, _, _ := strings.Cut(l.TakesUp, "/")
				c.report(f, pointer, l.TakesUp, place.UnknownTarget, "suggestion", place.Nearest(l.TakesUp, items[dialogue]))
			case !target.Date.Last().Before(f.Date.First()):
				c.report(f, pointer, l.TakesUp, place.TargetNotEarlier, "target_date", string(target.Date), "date", string(f.Date))
			}
		}
	}
}

// circles names each circle of links once, at the link that closes it.
func (c *checker) circles() {
	type edge struct {
		to   string
		file *File
		link int
	}
	from := map[string][]edge{}
	for _, f := range c.files {
		for i, l := range f.Links {
			item := f.ID + "/" + l.Item
			from[item] = append(from[item], edge{l.TakesUp, f, i})
		}
	}
	const open, done = 1, 2
	state := map[string]int{}
	var chain []string
	var visit func(string)
	visit = func(item string) {
		state[item] = open
		chain = append(chain, item)
		for _, e := range from[item] {
			switch state[e.to] {
			case 0:
				visit(e.to)
			case open:
				circle := chain[slices.Index(chain, e.to):]
				c.report(e.file, fmt.Sprintf("/links/%d", e.link), "", place.LinkCircle, "chain", arrows(circle)+" -> "+e.to)
			}
		}
		chain = chain[:len(chain)-1]
		state[item] = done
	}
	for _, item := range slices.Sorted(maps.Keys(from)) {
		if state[item] == 0 {
			visit(item)
		}
	}
}

// arrows writes a chain of items; of a long one only both ends.
func arrows(chain []string) string {
	const ends = 5
	if len(chain) > 2*ends {
		chain = slices.Concat(chain[:ends], []string{"…"}, chain[len(chain)-ends:])
	}
	return strings.Join(chain, " -> ")
}

func (c *checker) sources() {
	type first struct {
		file  *File
		index int
	}
	seen := map[string]first{}
	for _, f := range c.files {
		for i, s := range f.Sources {
			pointer := func(i int) string { return fmt.Sprintf("/sources/%d/url", i) }
			before, ok := seen[s.ID]
			if !ok {
				seen[s.ID] = first{f, i}
				continue
			}
			if other := before.file.Sources[before.index].URL; other != s.URL {
				c.report(f, pointer(i), s.URL, place.SourceDiffers, "id", s.ID, "other", place.Shown(other),
					"first", before.file.site(pointer(before.index)).String())
			}
		}
	}
}
