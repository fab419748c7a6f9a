package party

import (
	"embed"
	"fmt"
	"net/http"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// Catalogue holds the words of this part.
//
//go:embed catalogue
var Catalogue embed.FS

//go:embed templates assets
var files embed.FS

// pages are the pages of the directory.
type pages struct {
	d            *Directory
	signIn       *page.Page[signInView]
	sent         *page.Page[sentView]
	link         *page.Page[linkView]
	account      *page.Page[accountView]
	correct      *page.Page[correctView]
	email        *page.Page[emailView]
	withdraw     *page.Page[withdrawView]
	withdrawn    *page.Page[withdrawnView]
	people       *page.Page[peopleView]
	person       *page.Page[personView]
	invite       *page.Page[inviteView]
	role         *page.Page[roleView]
	orgs         *page.Page[organisationsView]
	organisation *page.Page[organisationView]
}

// Register adds the pages of the directory to a site.
func (d *Directory) Register(site *page.Site) error {
	if err := site.AddAssets(files); err != nil {
		return err
	}
	p := &pages{d: d}
	if err := p.parse(site); err != nil {
		return fmt.Errorf("adding the pages of persons: %w", err)
	}

	site.Page("GET /sign-in", p.showSignIn)
	site.Page("POST /sign-in", p.askLink)
	site.Page("GET /sign-in/sent", p.showSent)
	site.Page("GET /sign-in/link", p.showLink)
	site.Page("POST /sign-in/link", p.useLink)
	site.Page("POST /sign-in/passkey/begin", p.beginAssert)
	site.Page("POST /sign-in/passkey/finish", p.finishAssert)
	site.Page("POST /sign-out", p.signOut)

	site.Page("GET /account", d.SignedIn(p.showAccount))
	site.Page("GET /account/correct", d.SignedIn(p.showCorrect))
	site.Page("POST /account/correct", d.SignedIn(p.doCorrect))
	site.Page("GET /account/email", d.SignedIn(p.showEmail))
	site.Page("POST /account/email", d.SignedIn(p.askEmail))
	site.Page("POST /account/passkeys/begin", p.beginRegister)
	site.Page("POST /account/passkeys/finish", p.finishRegister)
	site.Page("POST /account/passkeys/rename", d.SignedIn(p.renamePasskey))
	site.Page("POST /account/passkeys/remove", d.SignedIn(p.removePasskey))
	site.Page("POST /account/sessions/end", d.SignedIn(p.endSession))
	site.Page("POST /account/sessions/end-others", d.SignedIn(p.endOthers))
	site.Page("GET /account/export", d.SignedIn(p.export))
	site.Page("GET /account/withdraw", d.SignedIn(p.showWithdraw))
	site.Page("POST /account/withdraw", d.SignedIn(p.doWithdraw))
	site.Page("GET /account/withdrawn", p.showWithdrawn)

	site.Page("GET /people", d.SignedIn(p.showPeople))
	site.Page("GET /people/invite", d.SignedIn(p.showInvite))
	site.Page("POST /people/invite", d.SignedIn(p.doInvite))
	site.Page("GET /people/{person}", d.SignedIn(p.showPerson))
	site.Page("POST /people/{person}/invite", d.SignedIn(p.inviteAgain))
	site.Page("GET /people/{person}/role", d.SignedIn(p.showRole))
	site.Page("POST /people/{person}/role", d.SignedIn(p.doRole))
	site.Page("POST /people/{person}/role/end", d.SignedIn(p.endRole))

	site.Page("GET /organisations", d.SignedIn(p.showOrganisations))
	site.Page("GET /organisations/add", d.SignedIn(p.showOrganisation))
	site.Page("POST /organisations/add", d.SignedIn(p.doOrganisation))
	site.Page("GET /organisations/{organisation}", d.SignedIn(p.showOrganisation))
	site.Page("POST /organisations/{organisation}", d.SignedIn(p.doOrganisation))
	return nil
}

func (p *pages) parse(site *page.Site) (err error) {
	page.ParseInto(site, &p.signIn, &err, files, "signin", "scope")
	page.ParseInto(site, &p.sent, &err, files, "sent", "scope")
	page.ParseInto(site, &p.link, &err, files, "link", "scope")
	page.ParseInto(site, &p.account, &err, files, "account", "scope")
	page.ParseInto(site, &p.correct, &err, files, "correct", "scope")
	page.ParseInto(site, &p.email, &err, files, "email", "scope")
	page.ParseInto(site, &p.withdraw, &err, files, "withdraw", "scope")
	page.ParseInto(site, &p.withdrawn, &err, files, "withdrawn", "scope")
	page.ParseInto(site, &p.people, &err, files, "people", "scope")
	page.ParseInto(site, &p.person, &err, files, "person", "scope")
	page.ParseInto(site, &p.invite, &err, files, "invite", "scope")
	page.ParseInto(site, &p.role, &err, files, "role", "scope")
	page.ParseInto(site, &p.orgs, &err, files, "organisations", "scope")
	page.ParseInto(site, &p.organisation, &err, files, "organisation", "scope")
	return err
}

// ActorHandler is what a page does for somebody who is signed in.
type ActorHandler func(w http.ResponseWriter, r *page.Request, actor Actor) error

// SignedIn serves a page to those who are signed in. A reader who is not is sent to sign in and comes back here;
// one who sent a form is told, because their form cannot be taken along.
func (d *Directory) SignedIn(h ActorHandler) page.Handler {
	return func(w http.ResponseWriter, r *page.Request) error {
		actor, err := d.Actor(r.Context(), r)
		if err != nil {
			return err
		}
		if actor.Anonymous() {
			if r.Method == http.MethodGet {
				return r.Redirect(w, signInPath(false, here(r)))
			}
			return Allow(actor, "", WholeInstance())
		}
		return h(w, r, actor)
	}
}

// Again sends a reader whose sign-in is too old for what a page begins to sign in again, and tells whether it did.
// A page calls it with the answer of Allow before it shows a form, so that nobody fills one in for nothing.
func Again(w http.ResponseWriter, r *page.Request, refused error) (bool, error) {
	if Stale(refused) && r.Method == http.MethodGet {
		return true, r.Redirect(w, signInPath(true, here(r)))
	}
	return refused != nil, refused
}

// scopes reads what pages need to name scopes.
func (p *pages) scopes(r *page.Request) (scopeNames, error) {
	var n scopeNames
	err := p.d.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		n, err = p.d.scopeNames(tx)
		return err
	})
	return n, err
}

// languages are the options of a field for the language in which a person is written to.
func languages(chosen string) []page.Choice {
	var all []page.Choice
	for _, l := range locale.Langs {
		all = append(all, page.Choice{Value: string(l), Text: l.Name()})
	}
	return page.Choose(all, chosen)
}
