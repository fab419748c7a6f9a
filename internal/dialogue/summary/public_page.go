package summary

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// publicView is a published summary as it is read, on a page, on paper and in a file.
type publicView struct {
	ID                     dialogue.ID
	Base                   string
	Sample                 bool
	Title                  wordsView
	Dialogue, DialoguePath string
	Published              locale.Date
	Number                 int
	Newest                 bool
	Note                   string
	Own                    string // the language in which it was written
	Status                 text.Status
	Foreign                bool
	Signed                 int
	Sections               []sectionView
	Account                accountView
	Proof                  proofView
	Versions               []releaseView
	VerifyTarget           string
}

type sectionView struct {
	Heading *wordsView
	Blocks  []publishedView
}

type publishedView struct {
	ID        text.BlockID
	Number    int
	Kind      Kind
	Words     wordsView
	Lines     []string // of Words, as paragraphs
	Asks      []askView
	Notes     []noteView
	Proof     proofView
	TracePath string
}

type askView struct {
	Label string
	Words wordsView
}

// noteView is a quotation under its number.
type noteView struct {
	N          int
	Quote      wordsView
	Who, Where string
	Path       string
	Language   string
	Translated text.Status // the quoted text is a translation of this status
}

type accountView struct {
	All     shareView
	Tables  []tableView
	Used    []accountedView
	Left    []accountedView
	Others  int
	Proof   proofView
	Machine bool
}

type accountedView struct {
	Path, Who, Language string
	Needs               []string
	Blocks              []int
	Reason              *wordsView
}

type releaseView struct {
	Number    int
	Path      string
	Published locale.Date
	Current   bool
	Proof     proofView
}

// show shows the newest published version, or one by its number.
func (room *Room) show(w http.ResponseWriter, r *page.Request) error {
	number := newest
	if n := r.PathValue("number"); n != "" {
		var err error
		if number, err = strconv.Atoi(n); err != nil || number < 1 {
			return page.NotFound()
		}
	}
	v, err := room.publicView(r, dialogueOf(r), number)
	if err != nil {
		return err
	}
	return room.pages.public.Render(w, r, *v)
}

func (room *Room) publicView(r *page.Request, id dialogue.ID, number int) (*publicView, error) {
	p, all, err := room.look(r, id, number)
	if err != nil {
		return nil, err
	}
	var held Held
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		held, err = room.o.Dialogue(tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	places, err := room.places(r, p)
	if err != nil {
		return nil, err
	}
	var ids []ledger.ID
	for _, one := range all {
		ids = append(ids, one.Entry)
	}
	versions, err := room.o.Ledger.Indexes(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	own := p.Whole.Lang
	name, _ := held.Title.In(r.Lang)
	v := &publicView{
		ID: id, Base: Path(id), Sample: p.Whole.Sample, Title: wordsIn(r, p.Whole.Title, own, "title"), Dialogue: name.Text,
		DialoguePath: "/dialogues/" + string(id), Published: locale.DateOf(p.Published.In(held.Zone)), Number: p.Number, Newest: p.Number == all[0].Number,
		Note: p.Whole.Note, Own: langName(own), Signed: len(p.Whole.Signed), Proof: proof(places, p.Entry), VerifyTarget: r.Base(),
	}
	if r.Lang != own {
		v.Status, v.Foreign = v.Title.Status, v.Title.Foreign
	}
	i, notes := 0, 0
	for k, s := range p.Whole.Sections {
		var sv sectionView
		if heading := wordsIn(r, s.Heading, own, fmt.Sprintf("sections.%d.heading", k)); heading.Text != "" {
			sv.Heading = &heading
		}
		for range s.Blocks {
			b := room.publishedView(r, &p.Blocks[i], own, &notes)
			b.Proof = proof(places, p.Blocks[i].Entry)
			sv.Blocks = append(sv.Blocks, b)
			v.worst(b.Words)
			i++
		}
		v.Sections = append(v.Sections, sv)
	}
	v.Account = room.accountView(r, &p.Account, own)
	v.Account.Proof = proof(places, p.AccountEntry)
	for _, one := range all {
		v.Versions = append(v.Versions, releaseView{
			one.Number, fmt.Sprintf("%s/versions/%d", v.Base, one.Number), locale.DateOf(one.Published.In(held.Zone)), one.Number == p.Number, proof(versions, one.Entry),
		})
	}
	return v, nil
}

// worst notes the weakest status of what the page shows.
func (v *publicView) worst(w wordsView) {
	v.Foreign = v.Foreign || w.Foreign
	if w.Status == text.Machine || w.Status != "" && v.Status == "" {
		v.Status = w.Status
	}
}

func (room *Room) publishedView(r *page.Request, b *PublishedBlock, own locale.Lang, notes *int) publishedView {
	v := publishedView{ID: b.ID, Number: b.Number, Kind: b.Body.Kind, Words: wordsIn(r, b.Body.Text, own, "text")}
	v.Lines = strings.FieldsFunc(v.Words.Text, func(c rune) bool { return c == '\n' })
	if b.Body.Kind != Paragraph && room.o.TracePath != nil {
		v.TracePath = room.o.TracePath(b.Body.Dialogue, b.ID)
	}
	if asks := b.Body.Asks; asks != nil {
		for _, one := range []struct {
			key, path string
			w         text.Words
		}{{"summary.asks.actor", "asks.actor", asks.Actor}, {"summary.asks.measure", "asks.measure", asks.Measure}} {
			if w := wordsIn(r, one.w, own, one.path); w.Text != "" {
				v.Asks = append(v.Asks, askView{r.Text(one.key), w})
			}
		}
		if asks.Date != "" {
			said := asks.Date
			if d, err := locale.ParseDate(asks.Date); err == nil {
				said = r.Date(d)
			}
			v.Asks = append(v.Asks, askView{r.Text("summary.asks.date"), wordsView{Text: said, Lang: r.Lang, Dir: r.Lang.Dir()}})
		}
	}
	for i, q := range b.Body.Citations {
		*notes++
		n := noteView{
			N: *notes, Who: room.whoSays(r, q.Who), Path: q.Who.Path, Language: langName(q.Lang),
			Quote: wordsView{Text: q.Selector.Exact, Lang: q.Lang, Dir: q.Lang.Dir(), Says: fmt.Sprintf("citations.%d.selector.exact", i)},
		}
		if q.Status == text.Machine || q.Status == text.Unofficial {
			n.Translated = q.Status
		}
		v.Notes = append(v.Notes, n)
	}
	return v
}

func (room *Room) accountView(r *page.Request, a *Account, own locale.Lang) accountView {
	v := accountView{
		All: share("", a.All), Tables: room.tables(r, a.Categories, a.Languages, a.Needs), Others: len(a.Others),
	}
	for i := range a.Sources {
		s := &a.Sources[i]
		one := accountedView{Path: s.Who.Path, Who: room.whoSays(r, s.Who), Language: langName(s.Lang), Blocks: s.Blocks}
		for _, need := range s.Needs {
			one.Needs = append(one.Needs, room.needSays(r, need))
		}
		if s.Fate == text.Reflected {
			v.Used = append(v.Used, one)
			continue
		}
		reason := wordsIn(r, s.Reason, own, fmt.Sprintf("sources.%d.reason", i))
		one.Reason = &reason
		v.Left = append(v.Left, one)
	}
	return v
}

// showPDF prints the newest version, or says how the reader can.
func (room *Room) showPDF(w http.ResponseWriter, r *page.Request) error {
	v, err := room.publicView(r, dialogueOf(r), newest)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s %d %s %t", v.ID, v.Number, r.Lang, v.Proof.Pending)
	pdf, err := room.press.print(r.Context(), name, func() ([]byte, error) { return room.pages.print.fill(r.Lang, v) })
	if errors.Is(err, errNoBrowser) {
		return room.pages.noPrint.Render(w, r, *v)
	}
	if err != nil {
		room.o.Log.Error("printing a summary failed", "error", err)
		return room.pages.noPrint.RenderStatus(w, r, http.StatusServiceUnavailable, *v)
	}
	return page.Download(w, fileName(v, r.Lang, "pdf"), "application/pdf", pdf)
}

// showDOCX gives the newest version as a file for word processors.
func (room *Room) showDOCX(w http.ResponseWriter, r *page.Request) error {
	v, err := room.publicView(r, dialogueOf(r), newest)
	if err != nil {
		return err
	}
	body, err := writeDOCX(r, v)
	if err != nil {
		return err
	}
	return page.Download(w, fileName(v, r.Lang, "docx"), docxType, body)
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

func fileName(v *publicView, lang locale.Lang, ext string) string {
	return fmt.Sprintf("%s-summary-v%d-%s.%s", v.ID, v.Number, lang, ext)
}
