package dialogue

import (
	"fmt"
	"slices"

	file "rostrum.example/format/dialogue"
	"rostrum.example/internal/locale"
)

// itemsOf takes a dialogue file apart into the items that enter the public record, and its sources.
func itemsOf(f *file.File) ([]*Item, []*Source) {
	s := splitter{file: f, dialogue: ID(f.ID), urls: map[string]string{}}
	var sources []*Source
	for _, src := range f.Sources {
		s.urls[src.ID] = src.URL
		sources = append(sources, &Source{
			ID: src.ID, Title: src.Title, Publisher: src.Publisher, URL: src.URL,
			Date: string(src.Date), Read: string(src.Read), Kind: string(src.Kind),
		})
	}
	s.opening()
	for _, c := range f.Counts {
		it := s.add(Count, c.ID, c.Definition, "", c.Sources)
		it.Figured = &Figured{CountKind: c.Kind, Of: c.Of, Scope: string(c.Scope), Figure: c.Number, Bound: string(c.Bound)}
		for _, id := range c.SumOf {
			it.SumOf = append(it.SumOf, ItemID(id))
		}
	}
	for _, p := range f.Points {
		it := s.add(Point, p.ID, p.Text, p.Need, p.Sources)
		it.Pointed = &Pointed{Main: p.Kind == file.MainPoint, RestsOn: string(p.RestsOn.Status), RestsOnText: s.words(p.RestsOn.Text)}
		s.fates(it, p.Fates)
	}
	for _, p := range f.Recommendations {
		s.fates(s.add(Recommendation, p.ID, p.Text, p.Need, p.Sources), p.Fates)
	}
	for _, p := range f.Statements {
		it := s.add(Statement, p.ID, p.Text, p.Need, p.Sources)
		it.Speaker = &Speaker{Who: p.Who, Organisation: p.Organisation, Role: s.words(p.Role)}
	}
	for _, list := range plainLists(f) {
		for _, p := range *list.items {
			s.add(list.kind, p.ID, p.Text, p.Need, p.Sources)
		}
	}
	for _, l := range f.Links {
		it := s.add(Link, l.ID, l.Why, "", l.Sources)
		it.Linked = &Linked{Item: ItemID(l.Item), TakesUp: l.TakesUp, Relation: string(l.Relation), DrawnBy: l.DrawnBy, DrawnOn: string(l.DrawnOn)}
	}
	return s.items, sources
}

// fileOf puts a dialogue together again as a dialogue file.
func fileOf(d *Dialogue, sources map[string]*Source) (*file.File, error) {
	o := d.Opening
	j := joiner{languages: o.Languages, sources: sources, used: map[string]bool{}}
	f := &file.File{
		Format: file.Format, ID: string(o.Dialogue), Mechanism: o.Mechanism, Title: j.text(o.Text),
		WorkingGroups: o.WorkingGroups, Number: file.Number{Value: o.Number, Basis: file.NumberBasis(o.NumberBasis)},
		Date: file.Date(o.Date), Needs: o.Needs,
	}
	for _, l := range o.Languages {
		f.Languages = append(f.Languages, file.Language{Tag: string(l.Lang), Status: file.Status(l.Status)})
	}
	for _, s := range o.Follows {
		f.Follows = append(f.Follows, file.Session{
			WorkingGroup: s.WorkingGroup, Session: s.Session, From: file.Date(s.From), To: file.Date(s.To),
			Text: j.text(s.Text), Sources: j.cited(s.Sources),
		})
	}
	for _, c := range o.Chairs {
		f.Chairs = append(f.Chairs, file.Chair{ID: c.ID, Name: c.Name, Country: c.Country, Role: file.ChairRole(c.Role), Sources: j.cited(c.Sources)})
	}
	fates := map[string][]file.Fate{}
	for _, it := range d.Of(Fate) {
		fate := file.Fate{
			By: file.Actor(it.ToldBy), Status: file.FateStatus(it.Status), Text: j.text(it.Text),
			LookedOn: file.Date(it.LookedOn), Sources: j.cited(it.Sources),
		}
		for _, p := range it.LookedIn {
			j.use(p.Source)
			fate.LookedIn = append(fate.LookedIn, file.LookedIn{Source: p.Source, Text: j.text(p.Text)})
		}
		fates[it.About] = append(fates[it.About], fate)
	}
	for _, it := range d.Items {
		text, cited := j.text(it.Text), j.cited(it.Sources)
		switch it.Kind {
		case Count:
			c := file.Count{
				ID: string(it.ID), Kind: it.CountKind, Of: it.Of, Scope: file.Scope(it.Scope), Number: it.Figure,
				Bound: file.Bound(it.Bound), Definition: text, Sources: cited,
			}
			for _, id := range it.SumOf {
				c.SumOf = append(c.SumOf, string(id))
			}
			f.Counts = append(f.Counts, c)
		case Point:
			kind := file.OtherPoint
			if it.Main {
				kind = file.MainPoint
			}
			f.Points = append(f.Points, file.Point{
				ID: string(it.ID), Kind: kind, Need: it.Need, Text: text,
				RestsOn: file.RestsOn{Status: file.RestsOnStatus(it.RestsOn), Text: j.text(it.RestsOnText)},
				Fates:   fates[it.Ref().String()], Sources: cited,
			})
		case Recommendation:
			f.Recommendations = append(f.Recommendations, file.Recommendation{
				ID: string(it.ID), Need: it.Need, Text: text, Fates: fates[it.Ref().String()], Sources: cited,
			})
		case Statement:
			f.Statements = append(f.Statements, file.Statement{
				ID: string(it.ID), Who: it.Speaker.Who, Organisation: it.Speaker.Organisation, Role: j.text(it.Speaker.Role),
				Need: it.Need, Text: text, Sources: cited,
			})
		case Link:
			f.Links = append(f.Links, file.Link{
				ID: string(it.ID), Item: string(it.Item), TakesUp: it.TakesUp, Relation: file.Relation(it.Relation),
				Why: text, DrawnBy: it.DrawnBy, DrawnOn: file.Date(it.DrawnOn), Sources: cited,
			})
		case Opening, Fate:
		default:
			for _, list := range plainLists(f) {
				if list.kind == it.Kind {
					*list.items = append(*list.items, file.Item{ID: string(it.ID), Need: it.Need, Text: text, Sources: cited})
				}
			}
		}
	}
	for id := range j.used {
		s, ok := sources[id]
		if !ok {
			return nil, fmt.Errorf("dialogue %s cites the source %s, which the record does not have", o.Dialogue, id)
		}
		f.Sources = append(f.Sources, file.Source{
			ID: s.ID, Title: s.Title, Publisher: s.Publisher, URL: s.URL, Date: file.Date(s.Date),
			Read: file.Reading(s.Read), Kind: file.SourceKind(s.Kind),
		})
	}
	slices.SortFunc(f.Sources, func(a, b file.Source) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return f, nil
}

// plainList is one of a file's lists of items that have nothing but a text.
type plainList struct {
	kind  Kind
	items *[]file.Item
}

func plainLists(f *file.File) []plainList {
	return []plainList{{Topic, &f.Topics}, {Question, &f.Questions}, {TourDeTable, &f.TourDeTable}, {Note, &f.Notes}}
}

// splitter takes one file apart.
type splitter struct {
	file     *file.File
	dialogue ID
	urls     map[string]string
	items    []*Item
}

func (s *splitter) opening() {
	f := s.file
	// Everything that the dialogue's own lines rest on.
	var ids []string
	cite := func(more []string) []Citation {
		for _, id := range more {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		return s.citations(more)
	}
	held := &Held{
		Mechanism: f.Mechanism, WorkingGroups: f.WorkingGroups, Number: f.Number.Value,
		NumberBasis: string(f.Number.Basis), Date: string(f.Date), Needs: f.Needs,
	}
	for _, l := range f.Languages {
		held.Languages = append(held.Languages, Language{locale.Lang(l.Tag), string(l.Status)})
	}
	for _, c := range f.Chairs {
		held.Chairs = append(held.Chairs, Chair{c.ID, c.Name, c.Country, string(c.Role), cite(c.Sources)})
	}
	for _, v := range f.Follows {
		held.Follows = append(held.Follows, Session{v.WorkingGroup, v.Session, string(v.From), string(v.To), s.words(v.Text), cite(v.Sources)})
	}
	it := s.add(Opening, "", f.Title, "", nil)
	it.Held, it.Sources = held, s.citations(ids)
}

func (s *splitter) add(kind Kind, id string, text file.Text, need string, sources []string) *Item {
	it := &Item{
		Dialogue: s.dialogue, ID: ItemID(id), Kind: kind, Text: s.words(text), Need: need,
		Sources: s.citations(sources), Position: len(s.items),
	}
	s.items = append(s.items, it)
	return it
}

// fates adds what is known of an item's fate. A fate has no id in the file; its place in the list names it.
func (s *splitter) fates(about *Item, fates []file.Fate) {
	for i, f := range fates {
		it := s.add(Fate, fmt.Sprintf("%s.fate-%d", about.ID, i+1), f.Text, "", f.Sources)
		it.Fated = &Fated{About: about.Ref().String(), ToldBy: string(f.By), Status: string(f.Status), LookedOn: string(f.LookedOn)}
		for _, l := range f.LookedIn {
			it.LookedIn = append(it.LookedIn, Place{l.Source, s.words(l.Text)})
		}
	}
}

func (s *splitter) words(t file.Text) Words {
	if len(t) == 0 {
		return nil
	}
	words := Words{}
	for _, w := range t {
		words[locale.Lang(w.Lang)] = Wording{w.Text, string(s.file.Languages.Status(w))}
	}
	return words
}

func (s *splitter) citations(ids []string) []Citation {
	var cited []Citation
	for _, id := range ids {
		cited = append(cited, Citation{id, s.urls[id]})
	}
	return cited
}

// joiner puts one file together.
type joiner struct {
	languages []Language
	sources   map[string]*Source
	used      map[string]bool
}

func (j *joiner) text(w Words) file.Text {
	var t file.Text
	for _, l := range j.languages {
		wording, ok := w[l.Lang]
		if !ok {
			continue
		}
		words := file.Words{Lang: string(l.Lang), Text: wording.Text}
		if wording.Status != l.Status {
			words.Status = file.Status(wording.Status)
		}
		t = append(t, words)
	}
	return t
}

func (j *joiner) cited(cited []Citation) []string {
	var ids []string
	for _, c := range cited {
		j.use(c.Source)
		ids = append(ids, c.Source)
	}
	return ids
}

func (j *joiner) use(source string) {
	if source != "" {
		j.used[source] = true
	}
}
