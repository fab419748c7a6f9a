package text

import (
	"cmp"
	"slices"

	"rostrum.example/internal/locale"
)

// Source is something that was said or handed in, which a document should reflect or say why not.
type Source struct {
	// ID is what citations and omissions call it.
	ID string `json:"id"`
	// Category is the stakeholder type: "ngo".
	Category string      `json:"category,omitempty"`
	Lang     locale.Lang `json:"lang,omitempty"`
	// Topics are the needs and themes that it speaks to.
	Topics []string `json:"topics,omitempty"`
	// Words is how long it is; see [CountWords].
	Words int `json:"words"`
}

// Fate is what a document made of a source.
type Fate string

// The fates.
const (
	Reflected   Fate = "reflected" // at least one citation quotes it
	Omitted     Fate = "omitted"   // no citation does, and the document says why
	Unaccounted Fate = "unaccounted"
)

// Accounted is the fate of one source.
type Accounted struct {
	Source
	Fate Fate `json:"fate"`
	// Blocks quote it, in reading order; Quoted is how many words they quote, the same passage counted once.
	Blocks []BlockID `json:"blocks,omitempty"`
	Quoted int       `json:"quoted,omitempty"`
	// Reason is why it is omitted.
	Reason Words `json:"reason,omitempty"`
}

// Share counts the sources of one group. Reflected, omitted and unaccounted add up to sources, and so do their words.
type Share struct {
	// Of is the category, language or topic; empty for sources without one, and for all of them.
	Of          string `json:"of,omitempty"`
	Sources     int    `json:"sources"`
	Reflected   int    `json:"reflected"`
	Omitted     int    `json:"omitted"`
	Unaccounted int    `json:"unaccounted"`
	// Words are those of all its sources, ReflectedWords those of the reflected ones, Quoted those that are quoted.
	Words          int `json:"words"`
	ReflectedWords int `json:"reflected_words"`
	Quoted         int `json:"quoted"`
}

// Part gives the share of sources that are reflected, from 0 to 1; 0 where there are none.
func (s Share) Part() float64 {
	if s.Sources == 0 {
		return 0
	}
	return float64(s.Reflected) / float64(s.Sources)
}

// Coverage is what a document made of all its sources. docs/formats/text.md defines its figures.
type Coverage struct {
	All Share `json:"all"`
	// A source with several topics counts in each of them.
	Categories []Share     `json:"categories"`
	Languages  []Share     `json:"languages"`
	Topics     []Share     `json:"topics"`
	Sources    []Accounted `json:"sources"`
	// Unlisted are cited or omitted and not among the sources.
	Unlisted []string `json:"unlisted,omitempty"`
}

// Complete tells whether each source is reflected or omitted with a reason.
func (c *Coverage) Complete() bool { return c.All.Unaccounted == 0 }

// Cover accounts for the sources of a document. A source that is named twice counts once, as it is named first.
func Cover(d *Document, sources []Source) Coverage {
	type use struct {
		blocks []BlockID
		quoted map[Citation]bool
	}
	uses := map[string]*use{}
	var named []string
	d.Each(func(_ *Section, b *Block) bool {
		for _, q := range b.Citations {
			u := uses[q.Source]
			if u == nil {
				u = &use{quoted: map[Citation]bool{}}
				uses[q.Source] = u
				named = append(named, q.Source)
			}
			if n := len(u.blocks); n == 0 || u.blocks[n-1] != b.ID {
				u.blocks = append(u.blocks, b.ID)
			}
			u.quoted[Citation{Version: q.Version, Lang: q.Lang, Quote: q.Quote}] = true
		}
		return true
	})
	reasons := map[string]Words{}
	for _, o := range d.Omissions {
		if reasons[o.Source] == nil {
			reasons[o.Source] = o.Reason
		}
		named = append(named, o.Source)
	}
	c := Coverage{Categories: []Share{}, Languages: []Share{}, Topics: []Share{}, Sources: []Accounted{}}
	categories, languages, topics := map[string]*Share{}, map[string]*Share{}, map[string]*Share{}
	listed := map[string]bool{}
	for _, s := range sources {
		if listed[s.ID] {
			continue
		}
		listed[s.ID] = true
		a := Accounted{Source: s, Fate: Unaccounted}
		if u := uses[s.ID]; u != nil {
			a.Fate, a.Blocks = Reflected, u.blocks
			for q := range u.quoted {
				a.Quoted += CountWords(q.Quote.Exact)
			}
		} else if reason, ok := reasons[s.ID]; ok && reason[d.Lang].Text != "" {
			a.Fate, a.Reason = Omitted, reason
		}
		c.Sources = append(c.Sources, a)
		c.All.count(a)
		group(categories, s.Category).count(a)
		group(languages, string(s.Lang)).count(a)
		once := slices.Compact(slices.Sorted(slices.Values(s.Topics)))
		if len(once) == 0 {
			once = []string{""}
		}
		for _, topic := range once {
			group(topics, topic).count(a)
		}
	}
	c.Categories, c.Languages, c.Topics = sorted(categories), sorted(languages), sorted(topics)
	for _, id := range named {
		if !listed[id] {
			listed[id] = true
			c.Unlisted = append(c.Unlisted, id)
		}
	}
	slices.Sort(c.Unlisted)
	return c
}

func group(all map[string]*Share, of string) *Share {
	if all[of] == nil {
		all[of] = &Share{Of: of}
	}
	return all[of]
}

func (s *Share) count(a Accounted) {
	s.Sources++
	s.Words += a.Words
	switch a.Fate {
	case Reflected:
		s.Reflected++
		s.ReflectedWords += a.Words
		s.Quoted += a.Quoted
	case Omitted:
		s.Omitted++
	default:
		s.Unaccounted++
	}
}

// sorted lists the groups by name, that without a name last.
func sorted(all map[string]*Share) []Share {
	list := make([]Share, 0, len(all))
	for _, s := range all {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Share) int {
		if a.Of == "" || b.Of == "" {
			return -cmp.Compare(a.Of, b.Of)
		}
		return cmp.Compare(a.Of, b.Of)
	})
	return list
}
