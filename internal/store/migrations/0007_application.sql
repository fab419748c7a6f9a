-- What an organisation asks for with one form. name is the organisation's; email is where the applicant is written to;
-- answers are JSON without what is sealed; listing says where the organisation may be listed; source is form or the name
-- of the file that it came in with, and source_row tells its rows apart; steps counts, as JSON, how often each page of
-- the form was saved. erases is when the personal data go; once they have gone, erased is set, the texts are empty, and
-- the row keeps the totals right. sealed is the age file of the sensitive answers, which nobody opens here; it stands
-- last because lists of applications do not read it.
create table application (
  org       text    not null,
  id        text    not null,
  call      text    not null,
  sample    integer not null,
  lang      text    not null,
  name      text    not null,
  email     text    not null,
  email_key text    not null,
  answers   text    not null,
  sealed_at bigint  not null,
  listing   text    not null,
  source    text    not null,
  source_row bytea  not null,
  steps     text    not null,
  created   bigint  not null,
  changed   bigint  not null,
  submitted bigint  not null,
  erases    bigint  not null,
  erased    bigint  not null,
  version   integer not null,
  sealed    bytea   not null,
  primary key (org, id)
);
create index application_call on application (org, call, submitted);
create index application_email on application (org, email_key);
create index application_erases on application (org, erases);

-- The links by which applicants come back, by their SHA-256. An application may have several: somebody who has lost
-- theirs asks for another.
create table application_link (
  org         text   not null,
  hash        bytea  not null,
  application text   not null,
  made        bigint not null,
  primary key (org, hash)
);
create index application_link_of on application_link (org, application);

-- Requests for a link by people who have lost theirs, until a job has answered them.
create table application_link_request (
  org   text   not null,
  id    text   not null,
  email text   not null,
  lang  text   not null,
  asked bigint not null,
  primary key (org, id)
);

-- How many messages with links went to an address, by its SHA-256, in the window that ends at until.
create table application_throttle (
  org   text    not null,
  hash  bytea   not null,
  until bigint  not null,
  n     integer not null,
  primary key (org, hash)
);

-- Where an application stands for each dialogue that it names. subject is what it is called in the public record.
create table application_admission (
  org         text    not null,
  application text    not null,
  dialogue    text    not null,
  state       text    not null,
  since       bigint  not null,
  version     integer not null,
  subject     text    not null,
  entry       text    not null,
  primary key (org, application, dialogue)
);
create index application_admission_dialogue on application_admission (org, dialogue, state);

-- Every step of an admission. by is applicant, officer, bureau or clock; actor the person with an account, if it was
-- one; answers are what was written down with it, and shown those of them that the applicant may read. public tells
-- that the record has its text; salt and text are what an opaque entry commits to. step counts the steps of an
-- admission, so that those of one instant have an order.
create table application_move (
  org         text   not null,
  id          text   not null,
  application text   not null,
  dialogue    text   not null,
  step        integer not null,
  at          bigint not null,
  from_state  text   not null,
  to_state    text   not null,
  by          text   not null,
  actor       text   not null,
  answers     text   not null,
  shown       text   not null,
  entry       text   not null,
  public      integer not null,
  salt        bytea  not null,
  text        text   not null,
  primary key (org, id)
);
create index application_move_of on application_move (org, application, dialogue, at);

-- What an applicant changed after submitting: fields are the ids of the questions, as JSON.
create table application_change (
  org         text   not null,
  id          text   not null,
  application text   not null,
  at          bigint not null,
  fields      text   not null,
  primary key (org, id)
);
create index application_change_of on application_change (org, application, at);

-- Requests for passport and travel data, made after approval, one for each nominated person and dialogue. link is the
-- SHA-256 of the link mailed to the person; sealed is the age file of what they sent last.
create table application_travel (
  org         text    not null,
  id          text    not null,
  application text    not null,
  dialogue    text    not null,
  name        text    not null,
  email       text    not null,
  email_key   text    not null,
  lang        text    not null,
  link        bytea   not null,
  asked       bigint  not null,
  until       bigint  not null,
  sealed      bytea   not null,
  sealed_at   bigint  not null,
  primary key (org, id)
);
create index application_travel_of on application_travel (org, application, dialogue);
create index application_travel_dialogue on application_travel (org, dialogue);
create index application_travel_link on application_travel (org, link);

-- How the columns of a spreadsheet were understood, by the SHA-256 of its header row.
create table application_mapping (
  org     text   not null,
  call    text   not null,
  header  bytea  not null,
  mapping text   not null,
  changed bigint not null,
  primary key (org, call, header)
);
