package intervention

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"rostrum.example/internal/blob"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

type listView struct {
	head
	Total, Shown int
	Kinds        []countView
	Filters      []page.Field
	Filtered     bool
	Lines        []lineView
	Form         string
}

type countView struct {
	Text string
	N    int
}

type lineView struct {
	Path, Who, Why, Kind, Item string
	Lang, Dir, Begins          string
	Langs, Needs               []string
	At                         locale.Date
	Withdrawn                  bool
}

// filter is what a reader wants to see.
type filter struct{ kind, typ, need, lang, item string }

func filterOf(q url.Values) filter {
	return filter{q.Get("kind"), q.Get("type"), q.Get("need"), q.Get("lang"), q.Get("item")}
}

func (f filter) takes(in *Input, texts []Text) bool {
	return (f.kind == "" || f.kind == string(in.Kind)) && (f.typ == "" || f.typ == in.Type) && (f.item == "" || f.item == in.Item) &&
		(f.need == "" || slices.Contains(in.Needs, f.need)) && (f.lang == "" || newest(texts, f.lang, true) != nil)
}

func (room *Room) showList(w http.ResponseWriter, r *page.Request) error {
	var held Held
	var all []*Input
	var texts map[ID][]Text
	var items []Item
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if held, err = room.o.Dialogue(tx, dialogueOf(r)); err != nil {
			return err
		}
		if items, err = room.items(tx, held.ID); err != nil {
			return err
		}
		all, texts, err = room.Public(tx, held.ID)
		return err
	})
	if err != nil {
		return err
	}
	f := filterOf(r.URL.Query())
	v := listView{head: room.head(r, held), Total: len(all), Filtered: f != filter{}, Form: inputsPath(held.ID) + "/new"}
	share, kinds := shared(all), map[string]int{}
	types, needs, langs, its := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, in := range all {
		kinds[string(in.Kind)]++
		types[in.Type]++
		its[in.Item]++
		for _, n := range in.Needs {
			needs[n]++
		}
		for _, l := range languages(texts[in.ID], in.Lang) {
			langs[l]++
		}
		if !f.takes(in, texts[in.ID]) {
			continue
		}
		l := lineView{Path: in.Path(), Kind: r.Text("intervention.kind." + string(in.Kind)), Lang: in.Lang, Dir: direction(in.Lang),
			At: locale.DateOf(in.Published.In(held.zone())), Withdrawn: in.State == Withdrawn, Item: itemName(items, in.Item, r.Lang)}
		l.Who, l.Why = room.whoSays(r, who(in, share[in.Type+"/"+in.Region]))
		if t := newest(texts[in.ID], in.Lang, true); t != nil && len(t.Paragraphs) > 0 {
			l.Begins = begins(t.Paragraphs[0], 180)
		}
		for _, lang := range languages(texts[in.ID], in.Lang) {
			l.Langs = append(l.Langs, langName(r.Lang, lang))
		}
		for _, n := range in.Needs {
			l.Needs = append(l.Needs, named(room.o.Needs, n, r.Lang))
		}
		v.Lines = append(v.Lines, l)
	}
	v.Shown = len(v.Lines)
	for _, k := range []Kind{Spoken, Written} {
		v.Kinds = append(v.Kinds, countView{r.Text("intervention.kind." + string(k)), kinds[string(k)]})
	}
	add := func(name, chosen string, n map[string]int, say func(string) string) {
		field := page.Field{Name: name, Label: r.Text("intervention.filter." + name), Choices: []page.Choice{{Value: "", Text: r.Text("intervention.filter.all")}}}
		for _, id := range sortedKeys(n) {
			if id != "" {
				field.Choices = append(field.Choices, page.Choice{Value: id, Text: say(id)})
			}
		}
		page.Choose(field.Choices, chosen)
		if len(field.Choices) > 2 {
			v.Filters = append(v.Filters, field)
		}
	}
	add("kind", f.kind, kinds, func(s string) string { return r.Text("intervention.kind." + s) })
	add("type", f.typ, types, func(s string) string { return room.typeName(r.Lang, s) })
	add("need", f.need, needs, func(s string) string { return named(room.o.Needs, s, r.Lang) })
	add("lang", f.lang, langs, func(s string) string { return langName(r.Lang, s) })
	add("item", f.item, its, func(s string) string { return itemName(items, s, r.Lang) })
	return room.pages.list.Render(w, r, v)
}

func (h Held) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

// begins gives the beginning of a text, up to a word's end.
func begins(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	for i := n; i > n/2; i-- {
		if r[i] == ' ' {
			return string(r[:i]) + " …"
		}
	}
	return string(r[:n]) + "…"
}

type inputView struct {
	head
	Who, Why, Kind, Item string
	Needs                []string
	At                   locale.Date
	Withdrawn            bool
	Reason               string
	Texts                []textView
	Citations            []Citation
	Files                []fileLine
	Address              string
}

type textView struct {
	Lang, Name, Dir, Status string
	Original                bool
	Outdated                bool
	Machine                 bool
	Version                 int
	Paragraphs              []string
	Proof                   proofView
	Organisation            string
	Earlier                 []versionLine
}

type versionLine struct {
	Number int
	At     locale.Date
	Proof  proofView
}

type fileLine struct {
	Path, Name, Type string
	KB               int
}

func (room *Room) showInput(w http.ResponseWriter, r *page.Request) error {
	var held Held
	var in *Input
	var texts []Text
	var items []Item
	v := inputView{Address: r.Base()}
	var others int
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if held, err = room.o.Dialogue(tx, dialogueOf(r)); err != nil {
			return err
		}
		if in, err = room.Input(tx, ID(r.PathValue("input"))); err != nil {
			return err
		}
		if !in.Public() || in.Dialogue != held.ID {
			return ErrNotFound
		}
		if texts, err = room.texts(tx, in.ID); err != nil {
			return err
		}
		if items, err = room.items(tx, held.ID); err != nil {
			return err
		}
		if room.o.Citations != nil {
			if v.Citations, err = room.o.Citations(tx, held.ID, in.ID); err != nil {
				return err
			}
		}
		all, _, err := room.Public(tx, held.ID)
		if err != nil {
			return err
		}
		others = shared(all)[in.Type+"/"+in.Region]
		attached, err := room.Attachments(tx, in.ID)
		v.Files = nil
		for _, f := range attached {
			v.Files = append(v.Files, fileLine{in.Path() + "/files/" + f.ID, f.Name, f.Type, int(f.Size+1023) >> 10})
		}
		return err
	})
	if err != nil {
		return notFound(err)
	}
	places, err := room.o.Ledger.Indexes(r.Context(), entries(texts))
	if err != nil {
		return err
	}
	v.head, v.Kind, v.Item = room.head(r, held), r.Text("intervention.kind."+string(in.Kind)), itemName(items, in.Item, r.Lang)
	says := who(in, others)
	v.Who, v.Why = room.whoSays(r, says)
	v.At, v.Withdrawn, v.Reason = locale.DateOf(in.Published.In(held.zone())), in.State == Withdrawn, in.Note
	if !v.Withdrawn {
		v.Reason = ""
	} else {
		for i := range v.Citations {
			v.Citations[i].Quote = "" // the words were taken back
		}
	}
	for _, n := range in.Needs {
		v.Needs = append(v.Needs, named(room.o.Needs, n, r.Lang))
	}
	for _, lang := range languages(texts, in.Lang) {
		t := newest(texts, lang, true)
		if t == nil {
			continue
		}
		one := textView{Lang: lang, Name: langName(r.Lang, lang), Dir: direction(lang), Status: r.Text("intervention.status." + string(t.Status)), Original: lang == in.Lang,
			Outdated: outdated(texts, t, in.Lang), Machine: t.Status == Machine, Version: t.Number, Paragraphs: t.Paragraphs, Proof: proof(places, t.Entry), Organisation: says.Organisation}
		for _, old := range texts {
			if old.Lang == lang && old.Number < t.Number && old.Entry != "" {
				one.Earlier = append(one.Earlier, versionLine{old.Number, locale.DateOf(old.At.In(held.zone())), proof(places, old.Entry)})
			}
		}
		v.Texts = append(v.Texts, one)
	}
	return room.pages.input.Render(w, r, v)
}

// giveFile gives an attachment of a public input to be saved, or of any to those who work on it.
func (room *Room) giveFile(w http.ResponseWriter, r *page.Request) error {
	actor, err := room.o.Directory.Actor(r.Context(), r)
	if err != nil {
		return err
	}
	var found *Attachment
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		in, err := room.Input(tx, ID(r.PathValue("input")))
		if err != nil {
			return err
		}
		if _, deskErr := room.desk(tx, actor, in.Dialogue); in.Dialogue != dialogueOf(r) || !in.Public() && deskErr != nil {
			return ErrNotFound
		}
		all, err := room.Attachments(tx, in.ID)
		for i := range all {
			if all[i].ID == r.PathValue("file") {
				found = &all[i]
			}
		}
		if err == nil && found == nil {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return notFound(err)
	}
	f, err := room.o.Files.Get(r.Context(), found.blob)
	if errors.Is(err, blob.ErrNotFound) {
		return page.NotFound()
	}
	if err != nil {
		return err
	}
	defer f.Close()
	body, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	return page.Download(w, found.Name, "application/octet-stream", body)
}

// takeBack is the author's own withdrawal.
func (room *Room) takeBack(w http.ResponseWriter, r *page.Request) error {
	if _, err := page.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	p, err := room.participant(r)
	if err != nil {
		return err
	}
	if err := room.WithdrawOwn(r.Context(), p, ID(r.PathValue("input"))); err != nil {
		return err
	}
	return r.Redirect(w, inputsPath(dialogueOf(r))+"/new?done=withdrawn")
}
