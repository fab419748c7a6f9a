package admission

import (
	"fmt"
	"net/http"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// pages are the pages of the room.
type pages struct {
	table        *page.Page[tableView]
	bulk         *page.Page[bulkView]
	application  *page.Page[applicationView]
	step         *page.Page[stepView]
	participants *page.Page[participantsView]
	participant  *page.Page[participantView]
	attendance   *page.Page[attendanceView]
	report       *page.Page[reportView]
	counts       *page.Page[countsView]
	papers       *page.Page[papersView]
	letters      *page.Page[lettersView]
	templates    *page.Page[templatesView]
	listing      *page.Page[listView]
	public       *page.Page[publicCountsView]
	objections   *page.Page[objectionsView]
	certificate  *page.Page[certificateView]
	letter       *page.Page[letterView]
}

// Seat adds the room's pages to the site, and the room to what happens with applications.
func (room *Room) Seat(site *page.Site) error {
	if err := site.AddAssets(files); err != nil {
		return err
	}
	p := &room.pages
	var err error
	page.ParseInto(site, &p.table, &err, files, "table", "parts")
	page.ParseInto(site, &p.bulk, &err, files, "bulk", "parts")
	page.ParseInto(site, &p.application, &err, files, "application", "parts")
	page.ParseInto(site, &p.step, &err, files, "step", "parts")
	page.ParseInto(site, &p.participants, &err, files, "participants", "parts")
	page.ParseInto(site, &p.participant, &err, files, "participant", "parts")
	page.ParseInto(site, &p.attendance, &err, files, "attendance", "parts")
	page.ParseInto(site, &p.report, &err, files, "report", "parts")
	page.ParseInto(site, &p.counts, &err, files, "counts", "parts")
	page.ParseInto(site, &p.papers, &err, files, "papers", "parts")
	page.ParseInto(site, &p.letters, &err, files, "letters", "parts")
	page.ParseInto(site, &p.templates, &err, files, "templates", "parts")
	page.ParseInto(site, &p.listing, &err, files, "list", "parts")
	page.ParseInto(site, &p.public, &err, files, "publiccounts", "parts")
	page.ParseInto(site, &p.objections, &err, files, "objections", "parts")
	page.ParseInto(site, &p.certificate, &err, files, "certificate", "parts")
	page.ParseInto(site, &p.letter, &err, files, "letter", "parts")
	if err != nil {
		return fmt.Errorf("seating the admissions: %w", err)
	}
	room.o.Applications.OnMove(room.moved)
	room.o.Applications.OnErase(room.erased)
	room.o.Cycle.Offer(room.offer)

	in := room.o.Directory.SignedIn
	const desk = "/desk/dialogues/{dialogue}"
	site.Page("GET "+desk+"/applications", in(room.showTable))
	site.Page("POST "+desk+"/applications", in(room.doBulk))
	site.Page("GET "+desk+"/applications.xlsx", in(room.exportTable))
	site.Page("GET "+desk+"/applications.csv", in(room.exportTable))
	site.Page("GET "+desk+"/sealed.zip", in(room.exportSealed))
	site.Page("GET "+desk+"/applications/{application}", in(room.showApplication))
	site.Page("GET "+desk+"/applications/{application}/sealed.age", in(room.downloadSealed))
	site.Page("POST "+desk+"/applications/{application}/review", in(room.doReview))
	site.Page("POST "+desk+"/applications/{application}/note", in(room.doNote))
	site.Page("GET "+desk+"/applications/{application}/step/{to}", in(room.showStep))
	site.Page("POST "+desk+"/applications/{application}/step/{to}", in(room.doStep))
	site.Page("POST "+desk+"/applications/{application}/disclose", in(room.doDisclose))

	site.Page("GET "+desk+"/participants", in(room.showParticipants))
	site.Page("POST "+desk+"/participants", in(room.doAddParticipant))
	site.Page("POST "+desk+"/participants/attended", in(room.doAttended))
	site.Page("POST "+desk+"/participants/import", in(room.doImportParticipants))
	site.Page("GET "+desk+"/participants/{participant}", in(room.showParticipant))
	site.Page("POST "+desk+"/participants/{participant}", in(room.doParticipant))

	site.Page("GET "+desk+"/attendance", in(room.showAttendance))
	site.Page("POST "+desk+"/attendance", in(room.doTakeReport))
	site.Page("GET "+desk+"/attendance/{attendance}", in(room.showReport))
	site.Page("POST "+desk+"/attendance/{attendance}", in(room.doApplyReport))

	site.Page("GET "+desk+"/counts", in(room.showCounts))
	site.Page("POST "+desk+"/counts", in(room.doFigure))

	site.Page("GET "+desk+"/papers", in(room.showPapers))
	site.Page("GET "+desk+"/papers/{letter}", in(room.showLetters))
	site.Page("POST "+desk+"/papers/{letter}", in(room.doLetters))
	site.Page("POST "+desk+"/travel", in(room.doTravel))
	site.Page("GET "+desk+"/lists/{list}", in(room.showList))
	site.Page("GET /desk/letters", in(room.showTemplates))
	site.Page("POST /desk/letters", in(room.doTemplate))
	site.Page("GET /desk/letters/{letter}/{lang}", in(room.downloadTemplate))

	site.Public("GET /dialogues/{dialogue}/counts", room.showPublicCounts)
	site.Public("GET /dialogues/{dialogue}/objections", room.showObjections)
	site.Public("GET /dialogues/{dialogue}/participants", room.showPublicList)
	site.Public("GET /certificates/{number}", room.showCertificate)
	site.Page("GET /letters", room.showLetter)
	site.Page("POST /letters", room.doLetter)
	site.API("GET /api/v1/dialogues/{dialogue}/counts", room.apiCounts)
	return nil
}

// head stands above every page of a dialogue.
type head struct {
	Sample   bool
	Dialogue dialogue.ID
	Title    string
	// Path is where the dialogue's desk begins.
	Path   string
	Tabs   []tab
	Done   string
	Errors page.FormErrors
}

type tab struct {
	Path, Text string
	Current    bool
}

// deskTabs are the desks of a dialogue. Those behind the first are the secretariat's.
var deskTabs = []string{"applications", "participants", "attendance", "counts", "papers"}

// dones are what can have been done on a desk.
var dones = []string{"step", "review", "note", "disclosed", "added", "imported", "corrected", "replaced", "cancelled", "attendance", "applied", "dropped", "figure", "withdrawn", "sent", "certificates", "travel", "template", "templatedropped", "shown", "hidden", "entered"}

func deskPath(d dialogue.ID) string { return "/desk/dialogues/" + string(d) }

func (room *Room) head(r *page.Request, actor party.Actor, d *cycle.Dialogue, at string) head {
	h := head{Sample: d.Sample, Dialogue: d.ID, Title: said(d.Title, r.Lang), Path: deskPath(d.ID), Done: page.Done(r, dones, "admission.done.")}
	for i, name := range deskTabs {
		if i == 0 || party.May(actor, party.CheckApplication, d.Scope()) {
			h.Tabs = append(h.Tabs, tab{h.Path + "/" + name, r.Text("admission.tab." + name), name == at})
		}
	}
	return h
}

// atDesk reads a page of a dialogue for somebody who works on its applications.
func (room *Room) atDesk(r *page.Request, actor party.Actor, fn func(*store.Tx, *cycle.Dialogue) error) error {
	return room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		d, err := room.checking(tx, actor, dialogue.ID(r.PathValue("dialogue")))
		if err != nil {
			return err
		}
		return fn(tx, d)
	})
}

// maxForm bounds what a form without files may weigh, in bytes: two hundred ticks and a reason.
const maxForm = 256 << 10

// explain words what is wrong with a form; what is no mistake in it comes back.
func explain(r *page.Request, err error) (page.FormErrors, error) {
	errs, err := party.Explain(r, err)
	return errs, found(err)
}

// download answers with a file.
func download(w http.ResponseWriter, name, kind string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, err := w.Write(body)
	if err != nil {
		return nil // the reader has gone
	}
	return nil
}

// choices are options of a field, worded by a catalogue.
func choices(r *page.Request, prefix string, chosen string, values ...string) []page.Choice {
	var all []page.Choice
	for _, v := range values {
		all = append(all, page.Choice{Value: v, Text: r.Text(prefix + v), Chosen: v == chosen})
	}
	return all
}
