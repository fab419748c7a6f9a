package followup

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rostrum.example/format/docx"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// maxSheet bounds a sheet that comes back, in bytes.
const maxSheet = 10 << 20

// returned is a sheet as it came back.
type returned struct {
	Version, State string
	Lang           locale.Lang
	Answers        []sheetAnswer
	Left           []Leftover
}

// sheetAnswer is what stands on a sheet for one point.
type sheetAnswer struct {
	Mark   string
	Edit   int
	Fields map[string]string
}

// Leftover is something on a sheet that was not placed, and why; Key is of the catalogues.
type Leftover struct{ Key, Text string }

// The reasons why something was not placed.
const (
	leftNowhere = "followup.left.nowhere" // it stands where nothing is asked
	leftOurs    = "followup.left.ours"    // a text of the sheet itself was changed
	leftComment = "followup.left.comment"
	leftPoint   = "followup.left.point" // the point is not, or no longer, put to the State
	leftEdit    = "followup.left.edit"  // the draft was changed here since the sheet was made
	leftKind    = "followup.left.kind"  // no such kind
	leftWrong   = "followup.left.wrong" // it cannot be kept
)

// errNotSheet: the document is no answer sheet.
var errNotSheet = errors.New("the document is no answer sheet")

// parseSheet takes a returned sheet apart. What the anchors of one field hold, and what follows them up to the next
// anchor, is that field's; ours tells whether a text is one that the sheet itself brings.
func parseSheet(data []byte, ours func(string) bool) (*returned, error) {
	limits := docx.DefaultLimits()
	limits.File = maxSheet
	doc, err := limits.Read(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	r := &returned{}
	var order []string
	byMark := map[string]*sheetAnswer{}
	var current *sheetAnswer
	field := ""
	for p := range doc.As(docx.Accepted).Paragraphs() {
		text := strings.TrimSpace(p.Text(docx.Accepted))
		own := false
		for _, a := range anchorsOf(p) {
			switch mark, edit, name, ok := parseAnchor(a); {
			case ok:
				if byMark[mark] == nil {
					byMark[mark] = &sheetAnswer{Mark: mark, Edit: edit, Fields: map[string]string{}}
					order = append(order, mark)
				}
				current, field = byMark[mark], name
			case strings.HasPrefix(a, "sheet-"):
				r.name(a)
				own, current = true, nil
			case strings.HasPrefix(a, ourAnchor):
				own, current = true, nil
			}
		}
		switch {
		case text == "" || text == blank:
		case ours(text):
			current = nil
		case own:
			r.Left = append(r.Left, Leftover{leftOurs, text})
		case current == nil:
			r.Left = append(r.Left, Leftover{leftNowhere, text})
		default:
			current.Fields[field] = strings.TrimSpace(current.Fields[field] + "\n" + strings.TrimSpace(strings.Trim(text, blank)))
		}
	}
	if r.Version == "" {
		return nil, errNotSheet
	}
	for _, mark := range order {
		r.Answers = append(r.Answers, *byMark[mark])
	}
	for _, c := range doc.Comments {
		r.Left = append(r.Left, Leftover{leftComment, strings.TrimSpace(c.Author + ": " + c.Text)})
	}
	for i := range r.Left {
		r.Left[i].Text = clip(r.Left[i].Text, 2000)
	}
	return r, nil
}

// name reads whose sheet it is.
func (r *returned) name(anchor string) {
	parts := strings.Split(anchor, "-")
	if len(parts) == 4 && r.Version == "" {
		r.Version, r.State, r.Lang = parts[1], strings.ToUpper(parts[2]), locale.Lang(parts[3])
	}
}

// anchorsOf gives the anchors of a paragraph and of what stands in it.
func anchorsOf(p *docx.Paragraph) []string {
	all := slices.Clone(p.Anchors)
	for _, run := range p.Runs {
		all = append(all, run.Anchors...)
	}
	return all
}

func parseAnchor(a string) (mark string, edit int, field string, ok bool) {
	parts := strings.Split(a, "-")
	if len(parts) != 4 || parts[0] != "a" || !slices.Contains(sheetFields, parts[3]) {
		return "", 0, "", false
	}
	edit, err := strconv.Atoi(parts[2])
	return parts[1], edit, parts[3], err == nil && edit >= 0
}

// Placed says what became of a returned sheet.
type Placed struct {
	// Points are those whose drafts now hold what the sheet says.
	Points []PointID
	// Same counts the points for which the sheet says nothing new.
	Same int
	// Left is what was not placed, with the reason.
	Left []Leftover
}

// TakeSheet takes a returned sheet in: what it says goes into drafts, which somebody must still hand over and a second
// person clear. What could not be placed comes back and is nowhere else.
func (room *Room) TakeSheet(ctx context.Context, actor party.Actor, state string, data []byte) (*Placed, error) {
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(state)); err != nil {
		return nil, err
	}
	var placed *Placed
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		placed = &Placed{}
		points, err := room.sheetPoints(tx, state)
		if err != nil {
			return err
		}
		sheet, err := parseSheet(data, room.ourTexts(state, points))
		if err != nil {
			return err
		}
		switch {
		case sheet.Version != sheetFormat || !sheet.Lang.Known():
			return invalid("file", "followup.sheet.version", "Version", isolate(sheet.Version), "Ours", sheetFormat)
		case sheet.State != state:
			return invalid("file", "followup.sheet.state", "State", isolate(room.StateName(locale.Of(ctx), sheet.State)))
		}
		placed.Left = sheet.Left
		for _, a := range sheet.Answers {
			if err := room.place(tx, actor, points, sheet.Lang, a, placed); err != nil {
				return err
			}
		}
		return nil
	})
	return placed, err
}

// place puts what a sheet says of one point into the draft.
func (room *Room) place(tx *store.Tx, actor party.Actor, points []sheetPoint, lang locale.Lang, a sheetAnswer, placed *Placed) error {
	leave := func(key string) {
		for _, f := range sheetFields {
			if text := a.Fields[f]; text != "" {
				placed.Left = append(placed.Left, Leftover{key, text})
			}
		}
	}
	i := slices.IndexFunc(points, func(p sheetPoint) bool { return mark(p.Point.ID) == a.Mark })
	if i < 0 {
		leave(leftPoint)
		return nil
	}
	draft := points[i].Draft
	kind, ok := room.kindOf(a.Fields["kind"])
	if !ok {
		placed.Left = append(placed.Left, Leftover{leftKind, a.Fields["kind"]})
		kind = draft.Kind
	}
	if date := latinDigits(a.Fields["date"]); date != "" {
		a.Fields["date"] = date
	}
	same := kind == draft.Kind
	for _, f := range sheetFields[1:] {
		same = same && strings.Join(strings.Fields(a.Fields[f]), " ") == strings.Join(strings.Fields(draft.field(f, lang)), " ")
	}
	if same {
		placed.Same++
		return nil
	}
	if draft.Edit != a.Edit {
		leave(leftEdit)
		return nil
	}
	data := AnswerData{Kind: string(kind), Text: merge(draft.Text, lang, a.Fields["text"]), Reason: merge(draft.Reason, lang, a.Fields["reason"]),
		Measure: merge(draft.Measure, lang, a.Fields["measure"]), Owner: merge(draft.Owner, lang, a.Fields["owner"]), Date: a.Fields["date"], Evidence: a.Fields["evidence"]}
	kind, said, err := readAnswer(data)
	var wrong page.Invalids
	if errors.As(err, &wrong) {
		// What is right is kept, what is wrong is listed.
		for _, w := range wrong {
			f, _, _ := strings.Cut(w.Field, "-")
			placed.Left = append(placed.Left, Leftover{leftWrong, a.Fields[f]})
		}
		for _, w := range wrong {
			switch f, _, _ := strings.Cut(w.Field, "-"); f {
			case "text":
				data.Text = merge(draft.Text, lang, "")
			case "reason":
				data.Reason = merge(draft.Reason, lang, "")
			case "measure":
				data.Measure = merge(draft.Measure, lang, "")
			case "owner":
				data.Owner = merge(draft.Owner, lang, "")
			case "date":
				data.Date = ""
			case "evidence":
				data.Evidence = ""
			}
		}
		kind, said, err = readAnswer(data)
	}
	if err != nil {
		return err
	}
	placed.Points = append(placed.Points, points[i].Point.ID)
	return room.saveAnswer(tx, actor, draft, kind, said)
}

// merge puts the words of a sheet beside those of the other languages.
func merge(old Words, lang locale.Lang, text string) map[locale.Lang]string {
	all := map[locale.Lang]string{}
	for l, w := range old {
		all[l] = w.Text
	}
	all[lang] = text
	return all
}

// kindOf reads what was written for the kind: its number, or its words in any language.
func (room *Room) kindOf(s string) (AnswerKind, bool) {
	s = strings.ToLower(strings.Trim(latinDigits(s), " .)"))
	if s == "" {
		return "", true
	}
	number, words, cut := strings.Cut(s, ".")
	for i, k := range AnswerKinds() {
		if s == strconv.Itoa(i+1) {
			return k, true
		}
		for _, lang := range locale.Langs {
			named := strings.ToLower(room.o.Catalogues.Text(lang, "followup.kind."+string(k)))
			if s == named || cut && number == strconv.Itoa(i+1) && strings.TrimSpace(words) == named {
				return k, true
			}
		}
	}
	return "", false
}

// latinDigits writes the digits of other scripts as the program reads them.
func latinDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r > utf8.RuneSelf && unicode.Is(unicode.Nd, r) {
			zero := r
			for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
				zero--
			}
			return '0' + (r - zero)
		}
		return r
	}, strings.TrimSpace(s))
}

// ourTexts tells which texts a sheet itself brings, in every language: a paragraph that still says one of them says nothing
// new, even where its anchor is gone.
func (room *Room) ourTexts(state string, points []sheetPoint) func(string) bool {
	known := map[string]bool{}
	for _, lang := range locale.Langs {
		for _, p := range room.sheet(state, lang, points).Blocks {
			para, ok := p.(*docx.Paragraph)
			if ok && len(para.Anchors) == 1 && !strings.HasPrefix(para.Anchors[0], "a-") {
				known[squeeze(para.Text(docx.Accepted))] = true
			}
		}
		for i, k := range AnswerKinds() {
			known[squeeze(strconv.Itoa(i+1)+". "+room.o.Catalogues.Text(lang, "followup.kind."+string(k)))] = true
		}
	}
	return func(s string) bool { return known[squeeze(s)] }
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// placedView says what became of a sheet.
type placedView struct {
	Sample     bool
	Code, Name string
	Points     []deskPoint
	Same       int
	Left       []leftView
}

type leftView struct {
	Why   string
	Lines []string
}

func (room *Room) takeSheet(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	state := r.PathValue("state")
	if err := party.Allow(actor, party.AnswerPoint, party.OfState(state)); err != nil {
		return err
	}
	_, data, err := upload(w, r, maxSheet)
	var placed *Placed
	if err == nil {
		placed, err = room.TakeSheet(locale.With(r.Context(), r.Lang), actor, state, data)
	}
	if err != nil {
		var errs page.FormErrors
		if errors.Is(err, errNotSheet) {
			err = invalid("file", "followup.sheet.other")
		}
		if said, ok := fileproblem.Unread(room.o.Catalogues, r.Lang, err); ok {
			errs = page.FormErrors{{Field: "file", Href: "#file", Text: said}}
		} else if errs, err = explain(r, err); err != nil {
			return err
		}
		return room.renderDesk(w, r, http.StatusUnprocessableEntity, actor, nil, errs)
	}
	v := placedView{Code: state, Name: room.StateName(r.Lang, state), Same: placed.Same}
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v.Points, v.Sample = nil, false
		all, err := room.pointsFor(tx, state)
		if err != nil {
			return err
		}
		v.Sample = slices.ContainsFunc(all, func(p *Point) bool { return p.Sample })
		for _, id := range placed.Points {
			p, err := room.Point(tx, id)
			if err != nil {
				return err
			}
			v.Points = append(v.Points, deskPoint{Path: answerPath(state, id), Text: say(r, p.Text), Sample: p.Sample})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, l := range placed.Left {
		v.Left = append(v.Left, leftView{r.Text(l.Key), strings.Split(l.Text, "\n")})
	}
	return room.pages.placed.Render(w, r, v)
}
