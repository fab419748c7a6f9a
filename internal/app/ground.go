package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/blob"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/job"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/live"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/mail"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Where one part of the ground needs another, it says so in its own words; here they are connected.

// openGround opens jobs, mail, persons and live events for a house.
func (a *App) openGround(h *house) error {
	queue := job.NewQueue(a.o.Random)
	h.queue = queue
	h.jobs = job.NewRunner(a.db, queue, job.Options{Now: a.o.Clock, Log: a.o.Log, Grace: stopFor / 2})
	server, err := h.settings.Mail.server(h.settings.Operator)
	if err != nil {
		return err
	}
	h.outbox = mail.New(mail.Options{DB: a.db, Jobs: queue, Server: server, Now: a.o.Clock, Random: a.o.Random, Log: a.o.Log})
	h.outbox.Handle(h.jobs)
	h.directory, err = party.New(party.Options{
		DB: a.db, Org: org, Clock: a.o.Clock, Random: a.o.Random, Log: a.o.Log, Catalogues: a.catalogues,
		Instance:  func() party.Instance { return party.Instance{URL: a.address(h), Operator: h.settings.Operator} },
		Mail:      sender{h.outbox},
		Jobs:      jobs{queue},
		Preset:    parties(h.mechanism),
		Home:      deskPath,
		Dialogues: h.heldDialogues,
		Holders:   []party.Holder{correspondence{h.outbox}, &h.rooms},
	})
	if err != nil {
		return err
	}
	job.Handle(h.jobs, party.SignInJob, job.Policy{}, func(ctx context.Context, _ *job.Job, p party.SignInPayload) error {
		return h.directory.AnswerSignIn(ctx, p)
	})
	h.jobs.Every("party.erase", 24*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		_, err := h.directory.Erase(ctx, a.o.Clock())
		return err
	})
	if folder := h.settings.BackupFolder; folder != "" {
		h.jobs.Every("backup.make", 24*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
			return a.nightlyBackup(ctx, folder)
		})
	}
	if h.hub, err = live.NewHub(live.Options{Random: a.o.Random, Log: a.o.Log}); err != nil {
		return err
	}
	h.ledger.OnPublish(func(head ledger.Head) {
		size := fmt.Appendf(nil, "%d", head.Size)
		if err := h.hub.Publish("record", "all", "head", string(size), size); err != nil {
			a.o.Log.Error("telling listeners of a new checkpoint failed", "error", err)
		}
	})
	h.background = append(h.background, h.jobs.Run)
	return a.openRooms(h)
}

// seatGround adds the ground's own pages.
func (a *App) seatGround(h *house, mux *http.ServeMux) error {
	mux.HandleFunc("GET /live/record", func(w http.ResponseWriter, r *http.Request) {
		h.hub.Serve(w, r, "record", "all")
	})
	if err := h.directory.Register(h.site); err != nil {
		return err
	}
	if err := h.dialogue.SeatImport(h.site, h.directory, h.mechanism, a.o.Clock); err != nil {
		return err
	}
	if err := a.seatRooms(h); err != nil {
		return err
	}
	if err := seatDesk(a, h); err != nil {
		return err
	}
	if err := seatExercise(a, h); err != nil {
		return err
	}
	return seatOutbox(a, h)
}

// address is where people reach the instance. A demonstration is wherever it is being served.
func (a *App) address(h *house) string {
	if at := a.servedAt.Load(); at != nil && h.settings.Origin == demoOrigin {
		return *at
	}
	return h.settings.Address
}

// sender queues the directory's messages in the outbox.
type sender struct{ outbox *mail.Outbox }

func (s sender) Queue(tx *store.Tx, org store.Org, m party.Message) error {
	to, err := mail.ParseAddress(string(m.To))
	if err != nil {
		return err
	}
	var files []mail.Attachment
	for _, a := range m.Attachments {
		files = append(files, mail.Attachment{Name: a.Name, Type: a.Type, Body: a.Body})
	}
	_, err = s.outbox.Queue(tx, org, mail.Message{
		To: to, Name: m.Name, Subject: m.Subject, Text: m.Text, Lang: string(m.Lang), Secret: m.Secret,
		Until: m.Until, Erases: m.Until.Add(30 * 24 * time.Hour), Attachments: files,
	})
	return err
}

// correspondence is what the outbox keeps about a person: the messages to them.
type correspondence struct{ outbox *mail.Outbox }

func (correspondence) Part() string { return "messages" }

// ExportPerson gives nothing: the person has received the messages, and those not yet sent may hold one-time
// links that no export should spread.
func (correspondence) ExportPerson(*store.Tx, party.Person) (any, error) { return nil, nil }

func (c correspondence) ErasePerson(tx *store.Tx, p party.Person) error {
	to, err := mail.ParseAddress(string(p.Email))
	if err != nil {
		return err
	}
	_, err = c.outbox.Forget(tx, org, to)
	return err
}

// jobs adds the directory's jobs to the queue.
type jobs struct{ queue *job.Queue }

func (j jobs) Add(tx *store.Tx, org store.Org, kind string, payload any, due time.Time) error {
	_, err := j.queue.Add(tx, org, job.Kind(kind), payload, due)
	return err
}

// houseRoles exist in every mechanism: they belong to the house.
var houseRoles = []party.Role{party.Officer, party.Editor, party.Administrator}

// roleOf says as which role of the house a role of a mechanism signs in. Roles that do nothing in the house, such
// as an interpreter's, have none.
var roleOf = map[string]party.Role{
	"chair": party.Chair, "co_chair": party.Chair, "bureau_member": party.Bureau, "focal_point": party.FocalPoint,
	"umbrella_coordinator": party.Coordinator, "applicant": party.Contact, "stakeholder": party.Contact,
	"secretariat_officer": party.Officer, "civil_society_officer": party.Officer,
}

// parties takes from a preset what it says about parties.
func parties(m *mechanism.Mechanism) party.Preset {
	p := party.Preset{Roles: slices.Clone(houseRoles)}
	for _, r := range m.Roles {
		if role, ok := roleOf[r.ID]; ok && !slices.Contains(p.Roles, role) {
			p.Roles = append(p.Roles, role)
		}
	}
	for _, t := range m.StakeholderTypes {
		p.Types = append(p.Types, named(t.ID, t.Name))
	}
	for _, g := range m.WorkingGroups {
		p.Bodies = append(p.Bodies, named(g.ID, g.Name))
	}
	return p
}

func named(id string, text mechanism.Text) party.Named {
	n := party.Named{ID: id, Name: map[locale.Lang]string{}}
	for _, w := range text {
		n.Name[locale.Lang(w.Lang)] = w.Text
	}
	return n
}

// spoken names something by words.
func spoken(id string, w dialogue.Words) party.Named {
	n := party.Named{ID: id, Name: map[locale.Lang]string{}}
	for lang, one := range w {
		n.Name[lang] = one.Text
	}
	return n
}

// heldDialogues lists the dialogues that roles can be held in: those of the published record, and those that are
// convened here.
func (h *house) heldDialogues(tx *store.Tx) ([]party.Dialogue, error) {
	all, err := publishedDialogues(tx)
	if err != nil {
		return nil, err
	}
	own, err := h.rooms.cycle.Held(tx)
	if err != nil {
		return nil, err
	}
	for _, d := range own {
		if !slices.ContainsFunc(all, func(p party.Dialogue) bool { return p.ID == d.ID }) {
			all = append(all, d)
		}
	}
	return all, nil
}

// firstOfficer gives the path of the one-time link with which the first officer gets in.
func (h *house) firstOfficer(tx *store.Tx, f FirstOfficer) (string, error) {
	path, err := h.directory.CreateFirstOfficer(tx, f.Name, f.Email, f.Lang)
	return "/" + string(f.Lang) + path, err
}

// server reads the settings of the mail server; nil settings stand for none.
func (m *MailSettings) server(operator string) (*mail.Server, error) {
	if m == nil {
		return nil, nil
	}
	u := url.URL{Scheme: "smtp", Host: m.Server}
	if strings.HasSuffix(m.Server, ":465") {
		u.Scheme = "smtps"
	}
	if m.Username != "" {
		u.User = url.UserPassword(m.Username, m.Password)
	} else if u.Scheme == "smtp" && !strings.HasSuffix(m.Server, ":587") {
		u.RawQuery = "tls=none"
	}
	s, err := mail.ParseServer(u.String(), m.From)
	if err != nil {
		return nil, err
	}
	s.FromName = operator
	return &s, nil
}

// openFiles opens the store for files.
func (o Options) openFiles(ctx context.Context) (*blob.Store, error) {
	where := o.Blobs
	if where == "" {
		where = o.path(blobFolder)
	}
	random := o.Random
	if random == nil {
		random = rand.Reader
	}
	return blob.Open(ctx, where, random)
}

// eachFile reads every file of the instance, for a backup.
func eachFile(ctx context.Context, o Options, fn func(name string, r io.Reader) error) error {
	files, err := o.openFiles(ctx)
	if err != nil {
		return err
	}
	defer files.Close()
	for info, err := range files.List(ctx, "") {
		if err != nil {
			return err
		}
		if err := eachOne(ctx, files, info.Name, fn); err != nil {
			return err
		}
	}
	return nil
}

func eachOne(ctx context.Context, files *blob.Store, name blob.Name, fn func(string, io.Reader) error) error {
	r, err := files.Get(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	return fn(string(name), r)
}

// filePutter gives a function that puts a file back, from a backup.
func filePutter(ctx context.Context, o Options) (func(name string, r io.Reader) error, error) {
	files, err := o.openFiles(ctx)
	if err != nil {
		return nil, err
	}
	return func(name string, r io.Reader) error {
		_, err := files.PutAs(ctx, blob.Name(name), r)
		return err
	}, nil
}

// backupsKept is how many nightly backups stay.
const backupsKept = 14

// nightlyBackup writes a backup into the folder, and drops the oldest of those it has written before.
func (a *App) nightlyBackup(ctx context.Context, folder string) error {
	name := filepath.Join(folder, "nightly-"+a.o.Clock().UTC().Format("20060102T150405Z")+".backup")
	if err := writeBackup(ctx, a.o, a.db, name); err != nil {
		return err
	}
	return dropOldest(folder, "nightly-*.backup", backupsKept)
}

// desk is what the shell offers a person who is signed in.
func (h *house) desk(r *http.Request) ([]page.NavItem, error) {
	actor, err := h.directory.Actor(r.Context(), &page.Request{Request: r})
	if err != nil {
		return nil, err
	}
	return append([]page.NavItem{{Key: "desk.today", Path: deskPath}}, h.deskItems(actor)...), nil
}

// deskItems lists what a person can do, by the policy.
func (h *house) deskItems(actor party.Actor) []page.NavItem {
	var items []page.NavItem
	for _, item := range []struct {
		action party.Action
		page.NavItem
	}{
		{party.ReadApplication, page.NavItem{Key: "desk.dialogues", Path: "/desk/dialogues"}},
		{party.SeePersons, page.NavItem{Key: "desk.people", Path: "/people"}},
		{party.SeeOrganisations, page.NavItem{Key: "desk.organisations", Path: "/organisations"}},
		{party.ReadOutbox, page.NavItem{Key: "desk.outbox", Path: "/outbox"}},
		{party.ImportRecord, page.NavItem{Key: "desk.import", Path: "/import"}},
	} {
		if party.MayAnywhere(actor, item.action) {
			items = append(items, item.NavItem)
		}
	}
	return items
}
