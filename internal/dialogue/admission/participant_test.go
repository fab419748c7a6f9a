package admission

import (
	"net/url"
	"strings"
	"testing"

	"rostrum.example/internal/dialogue/application"
)

func TestParticipants(t *testing.T) {
	g := newSQLiteRig(t)
	g.registered(sampleApplication{Persons: []map[string]string{{"name": "Ada Sample", "email": "ada@example.org", "mode": "in_person"}}})
	b := g.officer()
	const path = "/desk/dialogues/som-2027/participants"
	state := url.Values{"kind": {"state"}, "body": {"Austria"}, "country": {"AT"}, "mode": {"in_person"}, "listing": {"public"}, "number": {"6"}}
	b.post(path, url.Values{"kind": {"army"}, "email": {"x"}, "country": {"Austria"}, "number": {"0"}}).
		wants(422, "Choose for whom", "Fill this in", "Enter an e-mail address like", "two letters of a country", "Choose room, online", "Choose who may read", "from 1 to 500", `value="Austria"`)
	b.post(path, state).leadsTo("/en" + path + "?done=added")
	b.get(path).wants(200, "7 persons are registered.", "Ada Sample", "Austria", "× 6")

	var ada *Participant
	for _, p := range g.participants() {
		if p.Name == "Ada Sample" {
			ada = p
		}
	}
	one := path + "/" + string(ada.ID)
	b.get(one).wants(200, "Ada Sample", "Another person comes instead")
	b.post(one, url.Values{"act": {"replace"}, "version": {"1"}, "new-mode": {"online"}, "new-email": {"bad"}}).wants(422, "Fill this in", `href="#new-name"`)
	b.post(one, url.Values{"act": {"replace"}, "version": {"1"}, "new-name": {"Ben Sample"}, "new-mode": {"online"}})
	b.post(one, url.Values{"act": {"replace"}, "version": {"1"}, "new-name": {"Cas Sample"}, "new-mode": {"online"}}).wants(422, "Somebody else has changed this registration")
	b.get(path).wants(200, "7 persons are registered.", "Replaced", "Ben Sample").without("Cas Sample")
	for _, p := range g.participants() {
		if p.Name == "Ben Sample" && (p.Follows != ada.ID || p.Application != ada.Application || p.Body != ada.Body || p.Listing != application.Public) {
			t.Errorf("the new person is %+v", p)
		}
	}
	b.post(one, url.Values{"act": {"dance"}}).wants(400)

	// A file: all of it or nothing.
	bad := "Organisation;Country;Name;E-mail;Number\r\nFrance;FR;;;5\r\nItaly;Italia;;nobody;1\r\n"
	b.upload(path+"/import", "states.csv", []byte(bad), nil).wants(422, "2 places need another look", "Row 3: Enter the two letters", "Row 3: Enter an e-mail address")
	good := "State;Country;Name;Function;Number;Kind\r\nFrance;FR;;;5;State\r\nThe Sample Union;;Dan Sample;Adviser;1;igo\r\n"
	b.upload(path+"/import", "states.csv", []byte(good), nil).leadsTo("/en" + path + "?done=imported")
	b.upload(path+"/import", "x.csv", []byte("a;b\r\n1;2\r\n"), nil).wants(422, "No column is called")
	b.get(path).wants(200, "13 persons are registered.", "Dan Sample")
}

// TestLists: on a list for an audience stands who agreed to it, and the others are counted.
func TestLists(t *testing.T) {
	g := newSQLiteRig(t)
	g.registered(sampleApplication{Name: "Open House", Speaks: true})
	g.registered(sampleApplication{Name: "Half Open House", Listing: application.Participants})
	g.registered(sampleApplication{Name: "Closed House", Type: "academia", Listing: application.Secretariat, Travel: true})
	b := g.officer()
	const path = "/desk/dialogues/som-2027/lists/"
	b.get(path+"participants?for=public").wants(200, "Open House", "2 more persons did not ask to be listed here.").without("Half Open House", "Closed House", "person001@example.org")
	b.get(path+"participants?for=participants").wants(200, "Open House", "Half Open House").without("Closed House", "@example.org<")
	b.get(path+"participants").wants(200, "Closed House", "person003@example.org", "For the secretariat alone")
	b.get(path+"participants?final=1").wants(200, "Nobody stands on this list")
	b.get(path+"speakers").wants(200, "Open House", "What shelters see at sea").without("Closed House")
	b.get(path+"travel").wants(200, "Closed House", "Sealed file")
	b.get(path+"donors").wants(200, "Organisations that registered for the meeting", "fewer than 3").without("Open House")
	b.get(path + "secrets").wants(404)
	b.get(path + "participants?for=police").wants(404)
	for _, as := range []string{"docx", "xlsx", "csv"} {
		a := b.get(path + "participants?for=public&as=" + as).wants(200)
		if as == "docx" {
			text, err := paragraphs(a.Body.Bytes())
			if said := strings.Join(text, "\n"); err != nil || !strings.Contains(said, "Provisional list of participants") || !strings.Contains(said, "Open House") || strings.Contains(said, "Closed House") {
				t.Errorf("the document says %q, %v", said, err)
			}
		}
		if as == "csv" && (strings.Contains(a.Body.String(), "Closed House") || !strings.Contains(a.Body.String(), "This is a sample")) {
			t.Errorf("the text says %s", a.Body.String())
		}
	}
	g.browser().get("/dialogues/som-2027/participants").wants(404, "not published yet")
	g.browser().get(path + "participants").wants(303)
}
