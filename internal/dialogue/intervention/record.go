package intervention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// The entries of the room in the public record; docs/formats/input.md specifies their texts.

// Prefix begins the subjects of inputs; [Room.Resolve] answers for them.
const Prefix = "intervention"

const (
	textType   = "intervention.text"
	routedType = "intervention.routed"
)

// publicText is the text of an entry.
type publicText struct {
	Dialogue   dialogue.ID `json:"dialogue"`
	ID         ID          `json:"id"`
	Sample     bool        `json:"sample,omitempty"`
	Kind       Kind        `json:"kind"`
	Lang       string      `json:"lang"`
	Original   bool        `json:"original,omitempty"`
	Status     Status      `json:"status"`
	Version    int         `json:"version"`
	Of         int         `json:"of,omitempty"`
	Item       string      `json:"item,omitempty"`
	Needs      []string    `json:"needs,omitempty"`
	Who        Who         `json:"who"`
	Paragraphs []string    `json:"paragraphs"`
}

// Who is the author as the public sees them.
type Who struct {
	Voice        Voice  `json:"voice"`
	Organisation string `json:"organisation,omitempty"`
	Type         string `json:"type,omitempty"`
	Region       string `json:"region,omitempty"`
}

// who gives the author of an input to the public; others counts the inputs of the dialogue that share type and region,
// this one among them.
func who(in *Input, others int) Who {
	w := Who{Voice: in.Voice, Type: in.Type}
	switch {
	case in.Voice == Named:
		w.Organisation, w.Region = in.Name, in.Region
	case others >= fewest:
		w.Region = in.Region
	}
	return w
}

// moment writes an instant as the input's entries carry it: the day alone of a sealed voice.
func moment(in *Input, t time.Time) string {
	if in.Voice == Sealed {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

const countAlike = `
	select count(*)
	from input
	where org = $1 and dialogue = $2 and type = $3 and region = $4 and state in ('confirmed', 'checked', 'published')`

// enter puts a text into the public record.
func (room *Room) enter(tx *store.Tx, in *Input, all []Text, t *Text) (ledger.ID, error) {
	others := 0
	if err := tx.QueryRow(countAlike, string(room.o.Org), string(in.Dialogue), in.Type, in.Region).Scan(&others); err != nil {
		return "", err
	}
	text, err := json.Marshal(publicText{in.Dialogue, in.ID, in.Sample, in.Kind, t.Lang, t.Lang == in.Lang, t.Status, t.Number, t.Of, in.Item, in.Needs, who(in, others), t.Paragraphs})
	if err != nil {
		return "", err
	}
	var cites []ledger.ID
	for _, other := range all {
		if other.Entry != "" && (other.Lang == t.Lang && other.Number == t.Number-1 || t.Of > 0 && other.Lang == in.Lang && other.Number == t.Of) {
			cites = append(cites, other.Entry)
		}
	}
	id, err := room.o.Ledger.Enter(tx, ledger.Entry{Org: room.o.Org, Type: textType, Subject: in.Subject(), At: moment(in, room.o.Clock()), Text: text, Cites: cites})
	if err != nil {
		return "", fmt.Errorf("entering a text: %w", err)
	}
	return id, nil
}

// Quotable is a published text as a summary quotes it.
type Quotable struct {
	ledger.Citable
	Entry      ledger.ID
	Lang       string
	Version    int
	Status     Status
	Paragraphs []string
}

// Citable gives the newest published text of an input in a language, the original's where lang is empty; ErrNotFound
// where there is none, or it was withdrawn.
func (room *Room) Citable(tx *store.Tx, id ID, lang string) (Quotable, error) {
	in, err := room.Input(tx, id)
	if err != nil {
		return Quotable{}, err
	}
	texts, err := room.texts(tx, id)
	if err != nil {
		return Quotable{}, err
	}
	if lang == "" {
		lang = in.Lang
	}
	t := newest(texts, lang, true)
	if t == nil || in.State == Withdrawn {
		return Quotable{}, ErrNotFound
	}
	return room.quotable(in, t, locale.English), nil
}

func (room *Room) quotable(in *Input, t *Text, lang locale.Lang) Quotable {
	return Quotable{
		Citable: ledger.Citable{Title: room.title(lang, in), Address: in.Path(), Text: strings.Join(t.Paragraphs, "\n\n"), Version: t.Lang + "-" + strconv.Itoa(t.Number)},
		Entry:   t.Entry, Lang: t.Lang, Version: t.Number, Status: t.Status, Paragraphs: t.Paragraphs,
	}
}

// Source is a published input for the composer of a summary.
type Source struct {
	ID    ID
	Kind  Kind
	Path  string
	Who   Who
	Item  string
	Needs []string
	Lang  string
	// Texts are the newest of each language, the original first.
	Texts []Quotable
}

// Sources lists the published inputs of a dialogue that were not withdrawn, in the order of their publication.
func (room *Room) Sources(tx *store.Tx, id dialogue.ID) ([]Source, error) {
	all, texts, err := room.Public(tx, id)
	if err != nil {
		return nil, err
	}
	share := shared(all)
	var out []Source
	for _, in := range all {
		if in.State == Withdrawn {
			continue
		}
		s := Source{ID: in.ID, Kind: in.Kind, Path: in.Path(), Who: who(in, share[in.Type+"/"+in.Region]), Item: in.Item, Needs: in.Needs, Lang: in.Lang}
		for _, lang := range languages(texts[in.ID], in.Lang) {
			s.Texts = append(s.Texts, room.quotable(in, newest(texts[in.ID], lang, true), locale.English))
		}
		out = append(out, s)
	}
	return out, nil
}

// shared counts the published inputs that share type and region. It is at most what [Room.enter] counts, so a page never
// shows a region that an entry withholds for being rare.
func shared(all []*Input) map[string]int {
	n := map[string]int{}
	for _, in := range all {
		if in.State != Withdrawn {
			n[in.Type+"/"+in.Region]++
		}
	}
	return n
}

// title names an input without saying more of its author than is public.
func (room *Room) title(lang locale.Lang, in *Input) string {
	say := func(key string, pairs ...any) string { return room.o.Catalogues.Text(lang, key, pairs...) }
	if in.Voice == Named && in.Name != "" {
		return say("intervention.title."+string(in.Kind)+".named", "Who", isolate(in.Name))
	}
	return say("intervention.title."+string(in.Kind), "Type", room.typeName(lang, in.Type))
}

// Resolve says what of an input can be cited: the newest published text of its original.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	parts := strings.Split(subject, "/")
	if len(parts) != 3 || parts[0] != Prefix {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	var found ledger.Citable
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		in, err := room.Input(tx, ID(parts[2]))
		if err != nil {
			return err
		}
		if string(in.Dialogue) != parts[1] || !in.Public() {
			return ErrNotFound
		}
		found = ledger.Citable{Title: room.title(locale.Of(ctx), in), Address: in.Path()}
		texts, err := room.texts(tx, in.ID)
		if t := newest(texts, in.Lang, true); err == nil && t != nil && in.State != Withdrawn {
			found = room.quotable(in, t, locale.Of(ctx)).Citable
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		err = ledger.ErrNotFound
	}
	return found, err
}

// VerifyShown checks that the pages show what the record holds: the paragraphs of every published text against those of
// its entry.
func VerifyShown(ctx context.Context, db *store.DB, org store.Org) ([]ledger.Failure, error) {
	room := &Room{o: Options{DB: db, Org: org}}
	shown := map[ledger.ID][]string{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		clear(shown)
		return room.eachText(tx, func(_ ID, t Text) {
			if t.Entry != "" && len(t.Paragraphs) > 0 {
				shown[t.Entry] = t.Paragraphs
			}
		}, textColumns+`where t.org = $1`, string(org))
	})
	var failures []ledger.Failure
	if err == nil {
		err = ledger.EachText(ctx, db, func(index int64, id ledger.ID, text []byte) {
			var said publicText
			if own, ok := shown[id]; ok && (json.Unmarshal(text, &said) != nil || !slices.Equal(own, said.Paragraphs)) {
				failures = append(failures, ledger.Failure{Entry: index, Problem: "the pages show other words of an input than the record holds"})
			}
			delete(shown, id)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("reading what the pages show of inputs: %w", err)
	}
	for range shown {
		failures = append(failures, ledger.Failure{Entry: -1, Problem: "the pages show a text that the record does not hold"})
	}
	return failures, nil
}

// isolate keeps a name from turning the words around it (Unicode Standard Annex 9).
func isolate(s string) string { return "\u2068" + s + "\u2069" }
