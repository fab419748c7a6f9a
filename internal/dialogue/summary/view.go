package summary

import (
	"slices"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/text"
)

// wordsView is a text as a reader sees it.
type wordsView struct {
	Text string
	Lang locale.Lang
	Dir  string
	Says string // where it stands in the entry's JSON, for the check in the browser
	// Foreign tells that the reader's language has no such text; Status is set where it is not official.
	Foreign bool
	Status  text.Status
}

// proofView is an entry of the record, to be checked in the browser.
type proofView struct {
	page.Entered
	ID ledger.ID
}

func wordsIn(r *page.Request, w text.Words, own locale.Lang, path string) wordsView {
	one, lang := w.In(r.Lang, own)
	v := wordsView{Text: one.Text, Lang: lang, Dir: lang.Dir(), Foreign: lang != r.Lang}
	if path != "" {
		v.Says = path + "." + string(lang) + ".text"
	}
	if one.Status != text.Official && lang != own {
		v.Status = one.Status
	}
	return v
}

func proof(places map[ledger.ID]int64, id ledger.ID) proofView {
	return proofView{page.EnteredAt(places, id), id}
}

// named finds what the mechanism calls something; an id that it does not know stands for itself.
func named(all []party.Named, id string, lang locale.Lang) string {
	if i := slices.IndexFunc(all, func(n party.Named) bool { return n.ID == id }); i >= 0 {
		return all[i].In(lang)
	}
	return id
}

// whoSays says how the public knows who said something.
func (room *Room) whoSays(r *page.Request, who Who) string {
	if who.Name != "" {
		return isolate(who.Name)
	}
	if who.Title != "" {
		return isolate(who.Title)
	}
	var parts []string
	if who.Type != "" {
		parts = append(parts, named(room.o.Types, who.Type, r.Lang))
	}
	if who.Region != "" {
		parts = append(parts, named(room.o.Regions, who.Region, r.Lang))
	}
	if len(parts) == 0 {
		return r.Text("summary.who.participant")
	}
	return strings.Join(parts, " · ")
}

// needSays names a need or theme.
func (room *Room) needSays(r *page.Request, id string) string { return named(room.o.Needs, id, r.Lang) }

// isolate keeps a name from turning the words around it, whichever way each of them reads (Unicode Standard Annex 9).
func isolate(s string) string { return "\u2068" + s + "\u2069" }

// shareView is a group of sources in a table.
type shareView struct {
	Name                             string
	Sources, Reflected, Omitted, Due int
	Words, Quoted                    int
	Part                             int // percent reflected
}

func share(name string, s text.Share) shareView {
	return shareView{name, s.Sources, s.Reflected, s.Omitted, s.Unaccounted, s.Words, s.Quoted, int(s.Part()*100 + .5)}
}

// tableView is the coverage of groups of one sort.
type tableView struct {
	Caption string
	Rows    []shareView
}

// tables puts the groups of an account into words.
func (room *Room) tables(r *page.Request, categories, languages, needs []text.Share) []tableView {
	table := func(caption, none string, all []text.Share, name func(string) string) tableView {
		t := tableView{Caption: r.Text(caption)}
		for _, s := range all {
			label := r.Text(none)
			if s.Of != "" {
				label = name(s.Of)
			}
			t.Rows = append(t.Rows, share(label, s))
		}
		return t
	}
	return []tableView{
		table("summary.account.category", "summary.account.category.none", categories, func(id string) string { return named(room.o.Types, id, r.Lang) }),
		table("summary.account.language", "summary.account.language.none", languages, func(id string) string { return langName(locale.Lang(id)) }),
		table("summary.account.need", "summary.account.need.none", needs, func(id string) string { return room.needSays(r, id) }),
	}
}
