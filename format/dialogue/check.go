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
	return place.Sorted(c.problems, 0)
}

type checker struct {
	files    []*File // each dialogue once
	byID     map[string]*File
	problems Problems
}

// name is what messages call the file.
func (f *File) name() string { return cmp.Or(f.Path, f.ID) }

func (f *File) site(pointer string) place.Site {
	return place.Site{File: f.name(), At: f.doc.Find(pointer), Pointer: pointer}
}

func (c *checker) report(f *File, pointer, value string, code Code, args ...string) {
	c.problems = append(c.problems, place.New(f.site(pointer), value, code, args...))
}

func (c *checker) links() {
	targets := map[string]*File{}
	for _, f := range c.files {
		for _, item := range f.Items() {
			targets[f.ID+"/"+item.ID] = f
		}
	}
	names := slices.Sorted(maps.Keys(targets))
	for _, f := range c.files {
		for i, l := range f.Links {
			pointer := fmt.Sprintf("/links/%d/takes_up", i)
			target := targets[l.TakesUp]
			switch {
			case target == nil:
				c.report(f, pointer, l.TakesUp, place.UnknownTarget, "suggestion", place.Nearest(l.TakesUp, names))
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
				circle := append(slices.Clone(chain[slices.Index(chain, e.to):]), e.to)
				c.circle(e.file, e.link, circle)
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

func (c *checker) circle(f *File, link int, items []string) {
	p := place.New(f.site(fmt.Sprintf("/links/%d", link)), "", place.LinkCircle, "chain", strings.Join(items, " -> "))
	c.problems = append(c.problems, p)
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
