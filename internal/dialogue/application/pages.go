package application

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// Catalogue holds the room's words.
//
//go:embed catalogue
var Catalogue embed.FS

//go:embed templates assets
var files embed.FS

// maxForm bounds what one page of the form may weigh, in bytes.
const maxForm = 1 << 20

type pages struct {
	step      *page.Page[stepView]
	late      *page.Page[lateView]
	open      *page.Page[openView]
	none      *page.Page[noneView]
	link      *page.Page[linkView]
	draft     *page.Page[draftView]
	check     *page.Page[checkView]
	status    *page.Page[statusView]
	listing   *page.Page[listingView]
	reply     *page.Page[replyView]
	withdraw  *page.Page[withdrawView]
	left      *page.Page[leftView]
	history   *page.Page[historyView]
	travel    *page.Page[travelView]
	importing *page.Page[importView]
}

// Seat adds the room's pages to the site.
func (room *Room) Seat(site *page.Site) error {
	if err := site.AddAssets(files); err != nil {
		return err
	}
	var err error
	p := &room.pages
	page.ParseInto(site, &p.step, &err, files, "step", "parts")
	page.ParseInto(site, &p.late, &err, files, "late", "parts")
	page.ParseInto(site, &p.open, &err, files, "open", "parts")
	page.ParseInto(site, &p.none, &err, files, "none", "parts")
	page.ParseInto(site, &p.link, &err, files, "link", "parts")
	page.ParseInto(site, &p.draft, &err, files, "draft", "parts")
	page.ParseInto(site, &p.check, &err, files, "check", "parts")
	page.ParseInto(site, &p.status, &err, files, "status", "parts")
	page.ParseInto(site, &p.listing, &err, files, "listing", "parts")
	page.ParseInto(site, &p.reply, &err, files, "reply", "parts")
	page.ParseInto(site, &p.withdraw, &err, files, "withdraw", "parts")
	page.ParseInto(site, &p.left, &err, files, "left", "parts")
	page.ParseInto(site, &p.history, &err, files, "history", "parts")
	page.ParseInto(site, &p.travel, &err, files, "travel", "parts")
	page.ParseInto(site, &p.importing, &err, files, "import", "parts")
	if err != nil {
		return fmt.Errorf("seating the applications: %w", err)
	}
	site.Page("GET /calls/{call}/apply", room.showApply)
	site.Page("POST /calls/{call}/apply", room.takeApply)

	site.Page("GET /applications", room.showApplication)
	site.Page("POST /applications/open", room.openLink)
	site.Page("POST /applications/forget", room.takeForget)
	site.Page("GET /applications/link", room.showLink)
	site.Page("POST /applications/link", room.takeLink)
	site.Page("POST /applications/text", room.giveText)
	site.Page("GET /applications/check", room.mine(room.showCheck))
	site.Page("POST /applications/check", room.mine(room.takeCheck))
	site.Page("GET /applications/export", room.mine(room.giveExport))
	site.Page("GET /applications/listing", room.mine(room.showListing))
	site.Page("POST /applications/listing", room.mine(room.takeListing))
	site.Page("GET /applications/withdraw", room.mine(room.showWithdraw))
	site.Page("POST /applications/withdraw", room.mine(room.takeWithdraw))
	site.Page("GET /applications/reply/{dialogue}", room.mine(room.showReply))
	site.Page("POST /applications/reply/{dialogue}", room.mine(room.takeReply))
	site.Page("POST /applications/register/{dialogue}", room.mine(room.takeRegister))
	site.Page("GET /applications/travel", room.showTravel)
	site.Page("POST /applications/travel", room.takeTravel)
	site.Page("GET /applications/{step}", room.mine(room.showStep))
	site.Page("POST /applications/{step}", room.mine(room.takeStep))
	site.Public("GET /applications/of/{dialogue}/{application}", room.showHistory)

	room.o.Cycle.Offer(room.offer)
	signed := room.o.Directory.SignedIn
	site.Page("GET /desk/calls/{call}/import", signed(room.showImport))
	site.Page("POST /desk/calls/{call}/import", signed(room.takeImport))
	return nil
}

// offer leads an officer from a dialogue to the import of applications for it.
func (room *Room) offer(ctx context.Context, r *page.Request, d *cycle.Dialogue) ([]cycle.Link, error) {
	actor, err := room.o.Directory.Actor(ctx, r)
	if err != nil || room.mayImport(actor) != nil {
		return nil, err
	}
	var c *cycle.Call
	err = room.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		c, err = room.o.Cycle.CallFor(tx, d.ID)
		return err
	})
	if errors.Is(err, cycle.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []cycle.Link{{Path: "/desk/calls/" + string(c.ID) + "/import", Text: r.Text("application.import.title"), Hint: r.Text("application.import.offer")}}, nil
}

// visit is a visit of an applicant to their application.
type visit struct {
	key  secret.Secret
	a    *Application
	call *call
	// stand is where the application stands for each dialogue.
	stand   []*Admission
	arrived time.Time
}

// read reads the application of a visit. It answers ErrNotFound where the link leads to none any more.
func (room *Room) visit(tx *store.Tx, v *visit) (err error) {
	if v.a, err = room.byLink(tx, v.key); err != nil {
		return err
	}
	if v.call, err = room.call(tx, v.a.Call, v.arrived); err != nil {
		return err
	}
	v.stand, err = room.Admissions(tx, v.a.ID)
	return err
}

// mine serves a page of the application whose link the browser keeps.
func (room *Room) mine(h func(w http.ResponseWriter, r *page.Request, v *visit) error) page.Handler {
	return func(w http.ResponseWriter, r *page.Request) error {
		v := &visit{arrived: room.o.Clock()}
		var ok bool
		if v.key, ok = room.key(r); !ok {
			status := http.StatusNotFound
			if r.Path == "/applications" { // links lead here, and the page says how to come back
				status = http.StatusOK
			}
			return room.pages.none.RenderStatus(noStore{w}, r, status, noneView{})
		}
		err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error { return room.visit(tx, v) })
		if errors.Is(err, ErrNotFound) {
			room.forgetHere(w, r)
			return room.pages.none.RenderStatus(noStore{w}, r, http.StatusNotFound, noneView{Gone: true})
		}
		if err != nil {
			return err
		}
		return h(noStore{w}, r, v)
	}
}

// inVisit does something with the application of a visit, read again in the transaction.
func (room *Room) inVisit(r *page.Request, v *visit, fn func(tx *store.Tx, v *visit) error) error {
	err := room.o.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := room.visit(tx, v); err != nil {
			return err
		}
		return fn(tx, v)
	})
	if errors.Is(err, ErrMoved) || errors.Is(err, ErrOrder) {
		return &page.Problem{Status: http.StatusConflict, Key: "application.problem.moved", Err: err}
	}
	return err
}

// say puts what is wrong into lines for the page.
func (room *Room) say(r *page.Request, wrong page.Invalids) (page.FormErrors, error) {
	if len(wrong) == 0 {
		return nil, nil
	}
	said := say(r.Lang, wrong)
	for i, one := range said {
		for j, v := range one.Pairs {
			if l, ok := v.(travelLabel); ok {
				said[i].Pairs[j] = r.Text("application.travel." + string(l))
			}
		}
	}
	return page.Explain(r, said)
}

func (c *call) when(r *page.Request) page.When { return r.When(c.Deadline(), zone(c.Zone)) }

// days says from when to when a dialogue is held.
func (s *show) days(from, to locale.Date) string {
	if from == to {
		return s.r.Date(from)
	}
	return s.r.Text("application.days", "From", s.r.Date(from), "To", s.r.Date(to))
}

// findCall reads the call of a page, as a problem where there is none.
func (room *Room) findCall(r *page.Request, arrived time.Time) (c *call, err error) {
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		c, err = room.call(tx, cycle.CallID(r.PathValue("call")), arrived)
		return err
	})
	if errors.Is(err, cycle.ErrNotFound) {
		return nil, page.NotFound()
	}
	return c, err
}
