package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/admission"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/seal"
	"rostrum.example/internal/store"
)

// The exercise is a dialogue that is marked as a sample, in a demonstration, which a newcomer plays in each of its
// roles. What is prepared here goes through the same doors as everything real: nothing writes rows of its own.

// exerciseID names the sample dialogue and its call.
const exerciseID = "exercise"

// exerciseKey is the file with the identity that opens the exercise's sealed answers. A real unit keeps its own off
// the server.
const exerciseKey = "exercise-key.txt"

// player is a role that can be tried.
type player struct {
	ID    string
	Role  party.Role
	Scope party.Scope
	Email party.Email
	Path  string // where the player begins
}

const exerciseBody = "smuggling-of-migrants"

var players = []player{
	{"secretariat", party.Officer, party.WholeInstance(), demoOfficer, deskPath},
	{"coordinator", party.Coordinator, party.OfDialogue(exerciseID, exerciseBody), "coordinator@demo.rostrum.example", deskPath},
	{"bureau", party.Bureau, party.OfBody(exerciseBody), "bureau@demo.rostrum.example", "/desk/dialogues/" + exerciseID + "/applications"},
	{"chair", party.Chair, party.OfBody(exerciseBody), "chair@demo.rostrum.example", "/floor/" + exerciseID + "/desk"},
}

// exerciseActor prepares the exercise, as the demonstration's officer would.
var exerciseActor = party.Actor{Person: "demonstration", Name: "the demonstration", Fresh: true, Roles: []party.Held{{Role: party.Officer, Scope: party.WholeInstance()}}}

// prepareExercise plans the sample dialogue, opens its call, takes sample applications in and gives the roles away.
func (a *App) prepareExercise(ctx context.Context, h *house) error {
	now := a.o.Clock()
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	zone := h.mechanism.TimeZone
	text := func(key string) map[locale.Lang]string {
		all := map[locale.Lang]string{}
		for _, lang := range locale.Langs {
			all[lang] = a.catalogues.Text(lang, key)
		}
		return all
	}
	recipient, err := a.makeExerciseKey()
	if err != nil {
		return err
	}
	if _, err := h.rooms.cycle.Plan(ctx, exerciseActor, cycle.DialogueData{
		ID: exerciseID, Body: exerciseBody, Starts: day(40), Ends: day(41), Zone: zone, Follows: "som-2022",
		Title: text("exercise.dialogue"), Place: text("exercise.place"),
	}, true); err != nil {
		return fmt.Errorf("preparing the exercise: %w", err)
	}
	if _, err := h.rooms.cycle.SetCall(ctx, exerciseActor, 0, cycle.CallData{
		ID: exerciseID, Closes: day(20), Zone: zone, Erases: day(200), Recipients: recipient.String(),
		Dialogues: []string{exerciseID}, Title: text("exercise.call"), About: text("exercise.about"),
	}); err != nil {
		return fmt.Errorf("preparing the exercise: %w", err)
	}
	if err := h.rooms.cycle.Move(ctx, exerciseActor, exerciseID, cycle.Planned, cycle.CallOpen, nil); err != nil {
		return fmt.Errorf("preparing the exercise: %w", err)
	}
	for _, p := range players {
		if p.Email == demoOfficer {
			continue
		}
		name := a.catalogues.Text(locale.English, "exercise.player."+p.ID)
		if _, err := h.directory.Invite(ctx, exerciseActor, party.Invitation{Name: name, Email: string(p.Email), Lang: string(locale.English), Role: p.Role, Scope: p.Scope}); err != nil {
			return fmt.Errorf("preparing the exercise: %w", err)
		}
	}
	if err := a.sampleParticipants(ctx, h); err != nil {
		return err
	}
	return a.sampleApplications(ctx, h)
}

// sampleParticipants are there already when the floor opens, so that a queue can be seen.
func (a *App) sampleParticipants(ctx context.Context, h *house) error {
	var all []admission.ParticipantData
	for _, p := range []struct{ kind, body, of, mode, listing string }{
		{"stakeholder", "Sample network K", "ngo", "in_person", "public"},
		{"stakeholder", "Sample shelter L", "ngo", "online", "participants_only"},
		{"stakeholder", "Sample university M", "academia", "online", "public"},
		{"stakeholder", "Sample company N", "private_sector", "in_person", "public"},
		{"state", "A sample State", "state_party", "in_person", "public"},
	} {
		all = append(all, admission.ParticipantData{Kind: p.kind, Type: p.of, Body: p.body, Name: "Speaker of " + p.body, Mode: p.mode, Listing: p.listing, Number: "1"})
	}
	if err := h.rooms.admission.ImportParticipants(ctx, exerciseActor, exerciseID, all); err != nil {
		return fmt.Errorf("preparing the exercise: %w", err)
	}
	return nil
}

// makeExerciseKey draws the key of the exercise's unit and keeps it beside the instance.
func (a *App) makeExerciseKey() (seal.Recipient, error) {
	identity, err := seal.GenerateIdentity()
	if err != nil {
		return seal.Recipient{}, err
	}
	var out bytes.Buffer
	if err := seal.WriteIdentity(&out, identity, "the exercise of a demonstration"); err != nil {
		return seal.Recipient{}, err
	}
	return identity.Recipient(), os.WriteFile(a.o.path(exerciseKey), out.Bytes(), 0o600)
}

// sampleOrganisation is an organisation of the exercise. There is none like it.
type sampleOrganisation struct {
	letter, kind, subtype, country, expertise, mode, speaks, topic, listing, safety string
}

var sampleOrganisations = []sampleOrganisation{
	{"A", "Non-governmental organisation", "Grassroots", "MX", "Shelters on a land route; counts of people turned back, kept since 2019.", "Online", "Yes", "What shelters see, and how it could be counted", "In public", "No"},
	{"B", "Non-governmental organisation", "Led by victims or survivors", "NG", "Support to people who were smuggled and exploited.", "Either", "Yes", "What helps after a journey", "With the secretariat only", "Yes"},
	{"C", "Academia", "", "AT", "Evaluation of information campaigns in two regions.", "In the room", "Yes", "What evaluations found, and what they could not", "In public", "No"},
	{"D", "Private sector", "", "PH", "Detection of offers of smuggling on social media.", "Online", "Yes", "Signals, and the laws that are missing", "In public", "No"},
	{"E", "Non-governmental organisation", "National; Network", "IT", "Rescue at sea and what became of those who rescued.", "In the room", "Yes", "People who help", "Among participants only", "No"},
	{"F", "Non-governmental organisation", "Regional", "EG", "Legal aid in three countries.", "Either", "No", "", "In public", "No"},
	{"G", "Academia", "", "ZA", "Drivers of migration, surveys in eight places.", "Online", "No", "", "In public", "No"},
}

// sampleApplications come in from a spreadsheet, as those of another form would.
func (a *App) sampleApplications(ctx context.Context, h *house) error {
	label := map[string]string{}
	for _, f := range h.mechanism.Form.Fields {
		label[f.ID] = words(h.mechanism, f.Label)[locale.English].Text
	}
	fields := []string{application.FieldName, application.FieldType, "ngo_subtype", application.FieldCountry, "countries_and_regions_of_work", application.FieldEmail,
		"expertise_per_dialogue", application.FieldMode, application.FieldSpeaks, application.FieldTopic, "working_languages",
		application.FieldTravel, "visa_letter_needed", application.FieldListing, application.FieldSafety, "data_notice_accepted"}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	var header []string
	for _, f := range fields {
		header = append(header, label[f])
	}
	w.Write(header)
	for _, o := range sampleOrganisations {
		w.Write([]string{"Sample organisation " + o.letter, o.kind, o.subtype, o.country, o.country, fmt.Sprintf("sample-%s@demo.rostrum.example", o.letter),
			o.expertise, o.mode, o.speaks, o.topic, "en", "No", "No", o.listing, o.safety, "Yes"})
	}
	w.Flush()
	report, err := h.rooms.application.Import(ctx, exerciseID, "sample-applications.csv", out.Bytes(), application.ImportOptions{Dialogues: []dialogue.ID{exerciseID}, Lang: locale.English})
	if err != nil {
		return fmt.Errorf("preparing the exercise: %w", err)
	}
	if len(report.Taken) != len(sampleOrganisations) || len(report.Unclear) > 0 {
		return fmt.Errorf("preparing the exercise: of %d sample applications %d were taken in, %d cells were not understood", len(sampleOrganisations), len(report.Taken), len(report.Unclear))
	}
	return nil
}

// exerciseView is the page that lets newcomers in.
type exerciseView struct {
	Doors   []doorView
	Open    bool // the reader sits at the machine that runs the demonstration
	KeyFile string
}

type doorView struct{ ID, Name, Does, Path string }

// seatExercise adds the page with the exercise's doors, in a demonstration.
func seatExercise(a *App, h *house) error {
	if !h.settings.Exercise {
		return nil
	}
	exercise, err := page.Parse[exerciseView](h.site, templates, "exercise")
	if err != nil {
		return err
	}
	h.site.Page("GET /exercise", func(w http.ResponseWriter, r *page.Request) error {
		v := exerciseView{Open: local(r), KeyFile: a.o.path(exerciseKey)}
		for _, p := range players {
			v.Doors = append(v.Doors, doorView{p.ID, r.Text("exercise.player." + p.ID), r.Text("exercise.does." + p.ID), ""})
		}
		return exercise.Render(w, r, v)
	})
	h.site.Page("POST /exercise", func(w http.ResponseWriter, r *page.Request) error {
		form, err := page.ReadForm(w, r, 1<<10)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(players, func(p player) bool { return p.ID == form.Get("player") })
		if i < 0 || !local(r) {
			return &page.Problem{Status: http.StatusForbidden, Key: "exercise.closed"}
		}
		var path string
		err = a.db.Write(r.Context(), func(tx *store.Tx) (err error) {
			path, err = h.directory.Entrance(tx, players[i].Email, players[i].Path)
			return err
		})
		if err != nil {
			return err
		}
		return r.Redirect(w, path)
	})
	return nil
}

// local tells whether a request comes from the machine itself, and through no one else: the doors of a demonstration
// open for whoever could open its folder as well.
func local(r *page.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
