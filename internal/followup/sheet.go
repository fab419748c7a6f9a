package followup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"rostrum.example/format/docx"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// sheetFormat is the version of the answer sheet. What changes how a sheet is read changes it.
const sheetFormat = "1"

// blank stands where something is to be written, so that the place is seen and its anchor holds.
const blank = "…"

// sheetFields are the fields of one point on a sheet, in their order.
var sheetFields = []string{"kind", "text", "measure", "owner", "date", "reason", "evidence"}

// mark is what a point is called in the anchors of a sheet: they are short, and a subject is not.
func mark(id PointID) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:5])
}

// sheetAnchor names the sheet itself: its version, whose it is, and its language.
func sheetAnchor(state string, lang locale.Lang) string {
	return "sheet-" + sheetFormat + "-" + strings.ToLower(state) + "-" + string(lang)
}

// fieldAnchor names the place of one field, and which change of the draft the sheet shows.
func fieldAnchor(id PointID, edit int, field string) string {
	return fmt.Sprintf("a-%s-%d-%s", mark(id), edit, field)
}

// ourAnchor marks a paragraph that is not for answers.
const ourAnchor = "o-"

// sheetPoint is a point on a sheet, with the draft as it stands.
type sheetPoint struct {
	Point  *Point
	Origin Words // the title of its dialogue
	Draft  Answer
	May    []AnswerKind
}

// sheet makes the answer sheet of a State.
func (room *Room) sheet(state string, lang locale.Lang, points []sheetPoint) *docx.Document {
	say := func(key string, pairs ...any) string { return room.o.Catalogues.Text(lang, key, pairs...) }
	name := room.StateName(lang, state)
	doc := &docx.Document{
		Title: say("followup.sheet.title", "State", name), Language: string(lang), Footer: say("followup.sheet.title", "State", name) + "\t{page}/{pages}",
		Properties: map[string]string{"rostrum-sheet": sheetFormat, "rostrum-state": state},
	}
	n := 0
	ours := func(style docx.Style, level int, s string) *docx.Paragraph {
		n++
		p := &docx.Paragraph{Style: style, Level: level, Anchors: []string{ourAnchor + strconv.Itoa(n)}, Runs: []docx.Run{{Text: s}}}
		doc.Blocks = append(doc.Blocks, p)
		return p
	}
	ours(docx.Title, 0, doc.Title).Anchors = []string{sheetAnchor(state, lang)}
	for _, p := range points {
		if p.Point.Sample {
			ours(docx.Body, 0, say("page.sample")).Runs[0].Bold = true
			break
		}
	}
	ours(docx.Body, 0, say("followup.sheet.how"))
	ours(docx.Body, 0, say("followup.nobody"))
	for _, p := range points {
		w, wl := p.Point.Text.In(lang)
		ours(docx.Heading, 1, room.shown(p.Point, lang, 90)).Language = string(wl)
		ours(docx.Quotation, 0, w.Text).Language = string(wl)
		ours(docx.Body, 0, say("followup.sheet.from", "Dialogue", first(plain(p.Origin, lang), p.Point.Origin)))
		for _, f := range sheetFields {
			ours(docx.Heading, 2, say("followup.sheet."+f))
			if f == "kind" {
				for i, k := range AnswerKinds() {
					if len(p.May) > i {
						ours(docx.Body, 0, strconv.Itoa(i+1)+". "+say("followup.kind."+string(k)))
					}
				}
			}
			value := p.Draft.field(f, lang)
			if f == "kind" && value != "" {
				value = say("followup.kind." + value)
			}
			if value == "" {
				value = blank
			}
			doc.Blocks = append(doc.Blocks, &docx.Paragraph{Anchors: []string{fieldAnchor(p.Point.ID, p.Draft.Edit, f)}, Runs: []docx.Run{{Text: value}}})
		}
	}
	return doc
}

// field gives a field of a draft as a sheet shows it: the words of its language alone.
func (a *Answer) field(name string, lang locale.Lang) string {
	switch name {
	case "kind":
		return string(a.Kind)
	case "text":
		return a.Text[lang].Text
	case "measure":
		return a.Measure[lang].Text
	case "owner":
		return a.Owner[lang].Text
	case "reason":
		return a.Reason[lang].Text
	case "date":
		return a.Date
	case "evidence":
		return strings.Join(a.Evidence, "\n")
	}
	return ""
}

// sheetPoints gathers what stands on a State's sheet.
func (room *Room) sheetPoints(tx *store.Tx, state string) ([]sheetPoint, error) {
	points, err := room.pointsFor(tx, state)
	if err != nil {
		return nil, err
	}
	var all []sheetPoint
	for _, p := range points {
		if !p.Withdrawn.IsZero() {
			continue
		}
		said, draft, err := room.open(tx, p.ID, state)
		if err != nil {
			return nil, err
		}
		title, _, err := room.o.Dialogue(tx, p.Origin)
		if err != nil {
			return nil, err
		}
		one := sheetPoint{p, title, draft, AnswerKinds()}
		if _, ok := Commitment(said, state); !ok {
			one.May = one.May[:len(one.May)-1] // no progress without a commitment
		}
		all = append(all, one)
	}
	return all, nil
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// giveSheet gives the State's answer sheet, to be filled in elsewhere.
func (room *Room) giveSheet(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	state := r.PathValue("state")
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(state)); err != nil {
		return err
	}
	lang := locale.Lang(first(r.URL.Query().Get("in"), string(r.Lang)))
	if !lang.Known() {
		return page.NotFound()
	}
	var points []sheetPoint
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		points, err = room.sheetPoints(tx, state)
		return err
	})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := docx.Write(&out, room.sheet(state, lang, points)); err != nil {
		return fmt.Errorf("writing the answer sheet of %s: %w", state, err)
	}
	return page.Download(w, fileName("answers", strings.ToLower(state), string(lang))+".docx", docxType, out.Bytes())
}
