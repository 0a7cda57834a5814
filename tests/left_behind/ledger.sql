BEGIN TRANSACTION;
CREATE TABLE addresses (
	platform VARCHAR(20) NOT NULL, 
	tenant VARCHAR(200) NOT NULL, 
	place VARCHAR(200) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	service VARCHAR(400) NOT NULL, 
	PRIMARY KEY (platform, tenant, place)
);
INSERT INTO "addresses" VALUES('teams','aaaaaaaa-0000-4000-8000-000000000001','a:anna','personal','https://smba.trafficmanager.net/emea/');
INSERT INTO "addresses" VALUES('teams','aaaaaaaa-0000-4000-8000-000000000001','19:team@thread.tacv2','channel','https://smba.trafficmanager.net/emea/');
INSERT INTO "addresses" VALUES('teams','aaaaaaaa-0000-4000-8000-000000000001','19:group@thread.v2','groupChat','https://smba.trafficmanager.net/emea/');
INSERT INTO "addresses" VALUES('teams','aaaaaaaa-0000-4000-8000-000000000001','a:ben','personal','https://smba.trafficmanager.net/emea/');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE announcements (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(150) NOT NULL, 
	version VARCHAR(20) NOT NULL, 
	words TEXT NOT NULL, 
	"by" VARCHAR(420) NOT NULL, 
	made_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	zone VARCHAR(60) NOT NULL, report_to VARCHAR(420) DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "announcements" VALUES('55cfa1fa7ccf466eb611542f8712c9fe','linkedin-ai-training/launch','40b09fec661b','{"sender":"The privacy team","picture":null,"words":{"en":{"title":"LinkedIn trains AI on what you share there, and you can switch it off","text":"LinkedIn uses what its members share publicly to train AI models, and the setting for it is on by default. For the EU, EEA, Switzerland and UK, 3 November 2025 is the start that LinkedIn announced; in the US and all other regions, the article that we go by, of 24 October 2025, reports that it had already begun. LinkedIn says that private messages are left out. It is your own account and your own choice: one switch on the page below turns it off, and that counts from then on. Nobody at work sees what you press here or there.","alt":null},"de":{"title":"LinkedIn trainiert KI mit dem, was du dort teilst, und du kannst das abschalten","text":"LinkedIn trainiert KI-Modelle mit dem, was Mitglieder öffentlich teilen; die Einstellung dafür ist standardmäßig an. Für EU, EWR, Schweiz und UK ist der 3. November 2025 der Start, den LinkedIn angekündigt hat; in den USA und allen anderen Regionen hatte es laut dem Artikel, auf den wir uns stützen, vom 24. Oktober 2025, schon begonnen. Private Nachrichten bleiben laut LinkedIn außen vor. Es ist dein eigenes Konto und deine eigene Entscheidung: Ein Schalter auf der Seite unten stellt es ab, und das gilt ab dann. Niemand bei der Arbeit sieht, was du hier oder dort drückst.","alt":null}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":false}','terminal dana','2026-11-23 10:10:00.000000','2026-11-23 10:10:00.000000','UTC','');
INSERT INTO "announcements" VALUES('68cf532398a3497692c8034fb73c4fa4','linkedin-ai-training/launch','40b09fec661b','{"sender":"The privacy team","picture":null,"words":{"en":{"title":"LinkedIn trains AI on what you share there, and you can switch it off","text":"LinkedIn uses what its members share publicly to train AI models, and the setting for it is on by default. For the EU, EEA, Switzerland and UK, 3 November 2025 is the start that LinkedIn announced; in the US and all other regions, the article that we go by, of 24 October 2025, reports that it had already begun. LinkedIn says that private messages are left out. It is your own account and your own choice: one switch on the page below turns it off, and that counts from then on. Nobody at work sees what you press here or there.","alt":null},"de":{"title":"LinkedIn trainiert KI mit dem, was du dort teilst, und du kannst das abschalten","text":"LinkedIn trainiert KI-Modelle mit dem, was Mitglieder öffentlich teilen; die Einstellung dafür ist standardmäßig an. Für EU, EWR, Schweiz und UK ist der 3. November 2025 der Start, den LinkedIn angekündigt hat; in den USA und allen anderen Regionen hatte es laut dem Artikel, auf den wir uns stützen, vom 24. Oktober 2025, schon begonnen. Private Nachrichten bleiben laut LinkedIn außen vor. Es ist dein eigenes Konto und deine eigene Entscheidung: Ein Schalter auf der Seite unten stellt es ab, und das gilt ab dann. Niemand bei der Arbeit sieht, was du hier oder dort drückst.","alt":null}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":false}','terminal dana','2026-11-23 10:10:00.000000','2026-11-23 10:10:00.000000','UTC','');
INSERT INTO "announcements" VALUES('c7b96adb960c49f783e7cdc5c7d97fa1','linkedin-ai-training/launch','40b09fec661b','{"sender":"The privacy team","picture":null,"words":{"en":{"title":"LinkedIn trains AI on what you share there, and you can switch it off","text":"LinkedIn uses what its members share publicly to train AI models, and the setting for it is on by default. For the EU, EEA, Switzerland and UK, 3 November 2025 is the start that LinkedIn announced; in the US and all other regions, the article that we go by, of 24 October 2025, reports that it had already begun. LinkedIn says that private messages are left out. It is your own account and your own choice: one switch on the page below turns it off, and that counts from then on. Nobody at work sees what you press here or there.","alt":null},"de":{"title":"LinkedIn trainiert KI mit dem, was du dort teilst, und du kannst das abschalten","text":"LinkedIn trainiert KI-Modelle mit dem, was Mitglieder öffentlich teilen; die Einstellung dafür ist standardmäßig an. Für EU, EWR, Schweiz und UK ist der 3. November 2025 der Start, den LinkedIn angekündigt hat; in den USA und allen anderen Regionen hatte es laut dem Artikel, auf den wir uns stützen, vom 24. Oktober 2025, schon begonnen. Private Nachrichten bleiben laut LinkedIn außen vor. Es ist dein eigenes Konto und deine eigene Entscheidung: Ein Schalter auf der Seite unten stellt es ab, und das gilt ab dann. Niemand bei der Arbeit sieht, was du hier oder dort drückst.","alt":null}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":false}','terminal dana','2026-11-23 10:12:00.000000','2026-11-23 10:12:00.000000','UTC','');
INSERT INTO "announcements" VALUES('303696ae4e3543edbe950ccf373cca54','linkedin-ai-training/reminder','40b09fec661b','{"sender":"Acme''s data protection office","picture":null,"words":{"en":{"title":"Reminder: your LinkedIn data and AI","text":"The switch that keeps LinkedIn from training AI on what you share is still there, and still on for most.","alt":null},"de":{"title":"Zur Erinnerung: deine LinkedIn-Daten und KI","text":"Den Schalter, der LinkedIn davon abhält, KI mit deinen Beiträgen zu trainieren, gibt es noch immer.","alt":null}},"topic":"linkedin-ai-training","corrected_on":"2026-11-23","everyone":false}','terminal dana','2026-11-23 10:20:00.000000','2026-11-23 10:20:00.000000','UTC','');
INSERT INTO "announcements" VALUES('29941cb542b94705b48fbea06477d1f8','linkedin-ai-training/reminder','40b09fec661b','{"sender":"Acme''s data protection office","picture":null,"words":{"en":{"title":"Reminder: your LinkedIn data and AI","text":"The switch that keeps LinkedIn from training AI on what you share is still there, and still on for most.","alt":null},"de":{"title":"Zur Erinnerung: deine LinkedIn-Daten und KI","text":"Den Schalter, der LinkedIn davon abhält, KI mit deinen Beiträgen zu trainieren, gibt es noch immer.","alt":null}},"topic":"linkedin-ai-training","corrected_on":"2026-11-23","everyone":false}','terminal dana','2026-11-23 10:20:00.000000','2026-11-23 10:20:00.000000','UTC','');
INSERT INTO "announcements" VALUES('09c1e5400bf54d4999840a037212ad54','linkedin-ai-training/survey','40b09fec661b','','terminal dana','2026-11-23 10:35:00.000000','2026-11-23 10:35:00.000000','UTC','');
INSERT INTO "announcements" VALUES('1874cc334a824b06bd943e0ff8efa1fc','linkedin-ai-training/launch','40b09fec661b','{"sender":"The privacy team","picture":null,"words":{"en":{"title":"LinkedIn trains AI on what you share there, and you can switch it off","text":"LinkedIn uses what its members share publicly to train AI models, and the setting for it is on by default. For the EU, EEA, Switzerland and UK, 3 November 2025 is the start that LinkedIn announced; in the US and all other regions, the article that we go by, of 24 October 2025, reports that it had already begun. LinkedIn says that private messages are left out. It is your own account and your own choice: one switch on the page below turns it off, and that counts from then on. Nobody at work sees what you press here or there.","alt":null},"de":{"title":"LinkedIn trainiert KI mit dem, was du dort teilst, und du kannst das abschalten","text":"LinkedIn trainiert KI-Modelle mit dem, was Mitglieder öffentlich teilen; die Einstellung dafür ist standardmäßig an. Für EU, EWR, Schweiz und UK ist der 3. November 2025 der Start, den LinkedIn angekündigt hat; in den USA und allen anderen Regionen hatte es laut dem Artikel, auf den wir uns stützen, vom 24. Oktober 2025, schon begonnen. Private Nachrichten bleiben laut LinkedIn außen vor. Es ist dein eigenes Konto und deine eigene Entscheidung: Ein Schalter auf der Seite unten stellt es ab, und das gilt ab dann. Niemand bei der Arbeit sieht, was du hier oder dort drückst.","alt":null}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":false}','slack T1 U1','2026-11-23 10:45:00.000000','2026-11-24 08:00:00.000000','Europe/Berlin','["slack", "T1", "U1"]');
INSERT INTO "announcements" VALUES('67a1b631717f4086825d3c6a167ae587','linkedin-ai-training/launch','40b09fec661b','{"sender":"The privacy team","picture":null,"words":{"en":{"title":"LinkedIn trains AI on what you share there, and you can switch it off","text":"LinkedIn uses what its members share publicly to train AI models, and the setting for it is on by default. For the EU, EEA, Switzerland and UK, 3 November 2025 is the start that LinkedIn announced; in the US and all other regions, the article that we go by, of 24 October 2025, reports that it had already begun. LinkedIn says that private messages are left out. It is your own account and your own choice: one switch on the page below turns it off, and that counts from then on. Nobody at work sees what you press here or there.","alt":null},"de":{"title":"LinkedIn trainiert KI mit dem, was du dort teilst, und du kannst das abschalten","text":"LinkedIn trainiert KI-Modelle mit dem, was Mitglieder öffentlich teilen; die Einstellung dafür ist standardmäßig an. Für EU, EWR, Schweiz und UK ist der 3. November 2025 der Start, den LinkedIn angekündigt hat; in den USA und allen anderen Regionen hatte es laut dem Artikel, auf den wir uns stützen, vom 24. Oktober 2025, schon begonnen. Private Nachrichten bleiben laut LinkedIn außen vor. Es ist dein eigenes Konto und deine eigene Entscheidung: Ein Schalter auf der Seite unten stellt es ab, und das gilt ab dann. Niemand bei der Arbeit sieht, was du hier oder dort drückst.","alt":null}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":false}','terminal dana','2026-11-23 10:45:00.000000','2026-11-24 08:00:00.000000','Europe/Berlin','');
INSERT INTO "announcements" VALUES('f6b2f089e0504208ac09422143b7ab7e','linkedin-ai-training/workshop','40b09fec661b','{"sender":"Acme''s data protection office","picture":"https://intranet.acme.example/workshop.png","words":{"en":{"title":"A workshop on LinkedIn and AI","text":"On Thursday we go through the settings together.","alt":"People around a table"},"de":{"title":"Eine Werkstatt zu LinkedIn und KI","text":"Am Donnerstag gehen wir die Einstellungen gemeinsam durch.","alt":"Leute um einen Tisch"}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":true}','slack T1 U1','2026-11-23 11:40:00.000000','2026-11-26 09:00:00.000000','Europe/Berlin','');
INSERT INTO "announcements" VALUES('ef7f7caf2c094676a9ff00c6498e295e','linkedin-ai-training/workshop','40b09fec661b','{"sender":"Acme''s data protection office","picture":"https://intranet.acme.example/workshop.png","words":{"en":{"title":"A workshop on LinkedIn and AI","text":"On Thursday we go through the settings together.","alt":"People around a table"},"de":{"title":"Eine Werkstatt zu LinkedIn und KI","text":"Am Donnerstag gehen wir die Einstellungen gemeinsam durch.","alt":"Leute um einen Tisch"}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":false}','terminal dana','2026-11-23 11:42:00.000000','2026-11-23 11:42:00.000000','UTC','');
INSERT INTO "announcements" VALUES('f6dcf555ca0c4fbeb4f584168592597a','linkedin-ai-training/launch','40b09fec661b','{"sender":"The privacy team","picture":null,"words":{"en":{"title":"LinkedIn trains AI on what you share there, and you can switch it off","text":"LinkedIn uses what its members share publicly to train AI models, and the setting for it is on by default. For the EU, EEA, Switzerland and UK, 3 November 2025 is the start that LinkedIn announced; in the US and all other regions, the article that we go by, of 24 October 2025, reports that it had already begun. LinkedIn says that private messages are left out. It is your own account and your own choice: one switch on the page below turns it off, and that counts from then on. Nobody at work sees what you press here or there.","alt":null},"de":{"title":"LinkedIn trainiert KI mit dem, was du dort teilst, und du kannst das abschalten","text":"LinkedIn trainiert KI-Modelle mit dem, was Mitglieder öffentlich teilen; die Einstellung dafür ist standardmäßig an. Für EU, EWR, Schweiz und UK ist der 3. November 2025 der Start, den LinkedIn angekündigt hat; in den USA und allen anderen Regionen hatte es laut dem Artikel, auf den wir uns stützen, vom 24. Oktober 2025, schon begonnen. Private Nachrichten bleiben laut LinkedIn außen vor. Es ist dein eigenes Konto und deine eigene Entscheidung: Ein Schalter auf der Seite unten stellt es ab, und das gilt ab dann. Niemand bei der Arbeit sieht, was du hier oder dort drückst.","alt":null}},"topic":"linkedin-ai-training","corrected_on":null,"everyone":false}','terminal dana','2026-11-23 11:58:00.000000','2026-11-23 11:58:00.000000','UTC','');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	"by" VARCHAR(420) NOT NULL, 
	act VARCHAR(40) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	detail VARCHAR(400) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-11-23 10:10:00.000000','terminal dana','announce','linkedin-ai-training/launch','4 of 4, due 2026-11-23 10:10 UTC');
INSERT INTO "audit" VALUES(2,'2026-11-23 10:10:00.000000','terminal dana','announce','linkedin-ai-training/launch','1 of 1, due 2026-11-23 10:10 UTC');
INSERT INTO "audit" VALUES(3,'2026-11-23 10:12:00.000000','terminal dana','announce','linkedin-ai-training/launch','1 of 1, due 2026-11-23 10:12 UTC');
INSERT INTO "audit" VALUES(4,'2026-11-23 10:20:00.000000','terminal dana','announce','linkedin-ai-training/reminder','2 of 2, due 2026-11-23 10:20 UTC');
INSERT INTO "audit" VALUES(5,'2026-11-23 10:20:00.000000','terminal dana','announce','linkedin-ai-training/reminder','2 of 2, due 2026-11-23 10:20 UTC');
INSERT INTO "audit" VALUES(6,'2026-11-23 10:30:00.000000','terminal dana','correct','linkedin-ai-training/reminder','4 copies');
INSERT INTO "audit" VALUES(7,'2026-11-23 10:35:00.000000','terminal dana','announce','linkedin-ai-training/survey','2 of 2, due 2026-11-23 10:35 UTC');
INSERT INTO "audit" VALUES(8,'2026-11-23 10:40:00.000000','terminal dana','recall','linkedin-ai-training/survey','2 copies');
INSERT INTO "audit" VALUES(9,'2026-11-23 10:45:00.000000','slack T1 U1','announce','linkedin-ai-training/launch','5 of 6, a draft');
INSERT INTO "audit" VALUES(10,'2026-11-23 10:45:00.000000','slack T1 U1','send','linkedin-ai-training/launch','5 copies, due 2026-11-24 08:00 UTC');
INSERT INTO "audit" VALUES(11,'2026-11-23 10:45:00.000000','terminal dana','announce','linkedin-ai-training/launch','1 of 1, due 2026-11-24 08:00 UTC');
INSERT INTO "audit" VALUES(12,'2026-11-23 11:40:00.000000','slack T1 U1','announce','linkedin-ai-training/workshop','1 of 1, a draft');
INSERT INTO "audit" VALUES(13,'2026-11-23 11:42:00.000000','terminal dana','announce','linkedin-ai-training/workshop','2 of 2, a draft');
INSERT INTO "audit" VALUES(14,'2026-11-23 11:58:00.000000','terminal dana','announce','linkedin-ai-training/launch','2 of 2, due 2026-11-23 11:58 UTC');
CREATE TABLE deliveries (
	id VARCHAR(32) NOT NULL, 
	announcement VARCHAR(32) NOT NULL, 
	name VARCHAR(150) NOT NULL, 
	round INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	lane VARCHAR(220) NOT NULL, 
	platform VARCHAR(20) NOT NULL, 
	tenant VARCHAR(200) NOT NULL, 
	place VARCHAR(200) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	language VARCHAR(20) NOT NULL, 
	task VARCHAR(10) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	epoch INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	not_before DATETIME, 
	claimed_at DATETIME, 
	done_at DATETIME, 
	ref VARCHAR(200) NOT NULL, 
	error VARCHAR(200) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT deliveries_once UNIQUE (name, round, platform, tenant, place), 
	FOREIGN KEY(announcement) REFERENCES announcements (id), 
	FOREIGN KEY(lane) REFERENCES lanes (lane)
);
INSERT INTO "deliveries" VALUES('07b0dd5c891941f3884e45934aeb4b2e','55cfa1fa7ccf466eb611542f8712c9fe','linkedin-ai-training/launch',1,0,'slack:T1','slack','T1','C1','channel','en','post','done',1,1,NULL,'2026-11-23 10:10:00.000000','2026-11-23 10:10:00.000000','1795428600.000100','');
INSERT INTO "deliveries" VALUES('df732334ce4241c68508bdc7a10a46f9','55cfa1fa7ccf466eb611542f8712c9fe','linkedin-ai-training/launch',1,1,'slack:T1','slack','T1','C2','channel','en','post','failed',1,1,NULL,'2026-11-23 10:10:00.000000','2026-11-23 10:10:00.000000','','not_in_channel');
INSERT INTO "deliveries" VALUES('353ec42189394b9288a19371f2da6c23','55cfa1fa7ccf466eb611542f8712c9fe','linkedin-ai-training/launch',1,2,'slack:T1','slack','T1','U2','person','en','post','done',1,1,NULL,'2026-11-23 10:10:00.000000','2026-11-23 10:10:00.000000','D2/1795428601.000100','');
INSERT INTO "deliveries" VALUES('34770c3246434b4fb2b0e7e691b1caa4','55cfa1fa7ccf466eb611542f8712c9fe','linkedin-ai-training/launch',1,3,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:oslo@thread.tacv2','channel','en','post','done',1,1,NULL,'2026-11-23 10:10:00.000000','2026-11-23 10:10:00.000000','1764000500013','');
INSERT INTO "deliveries" VALUES('891aa1c979e9408d85d8a48d6663eca4','68cf532398a3497692c8034fb73c4fa4','linkedin-ai-training/launch',1,0,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:general@thread.tacv2','channel','de','post','done',1,1,NULL,'2026-11-23 10:10:00.000000','2026-11-23 10:10:00.000000','1764000500012','');
INSERT INTO "deliveries" VALUES('60d5cd45ca554f84885dcca73163d17c','c7b96adb960c49f783e7cdc5c7d97fa1','linkedin-ai-training/launch',1,0,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:lost@thread.tacv2','channel','en','post','unknown',1,1,NULL,'2026-11-23 10:12:00.000000','2026-11-23 10:15:00.000000','','ServerDisconnectedError');
INSERT INTO "deliveries" VALUES('26df5d2d645247dfb69ed7044898eb5a','303696ae4e3543edbe950ccf373cca54','linkedin-ai-training/reminder',1,0,'slack:T1','slack','T1','C1','channel','en','edit','done',1,1,NULL,'2026-11-23 10:30:00.000000','2026-11-23 10:30:00.000000','1795429201.000100','');
INSERT INTO "deliveries" VALUES('d9b7486c00864a60982b840ecb41c75f','303696ae4e3543edbe950ccf373cca54','linkedin-ai-training/reminder',1,1,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:oslo@thread.tacv2','channel','en','edit','done',1,1,NULL,'2026-11-23 10:30:00.000000','2026-11-23 10:30:00.000000','1764000500016','');
INSERT INTO "deliveries" VALUES('300b34b04e0f477bab2cd975bf003ebb','29941cb542b94705b48fbea06477d1f8','linkedin-ai-training/reminder',1,0,'slack:T1','slack','T1','C6','channel','de','edit','done',1,1,NULL,'2026-11-23 10:30:00.000000','2026-11-23 10:30:00.000000','1795429200.000100','');
INSERT INTO "deliveries" VALUES('d9c388293ca045c5a425bfd82c4fdc40','29941cb542b94705b48fbea06477d1f8','linkedin-ai-training/reminder',1,1,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:general@thread.tacv2','channel','de','edit','done',1,1,NULL,'2026-11-23 10:30:00.000000','2026-11-23 10:30:00.000000','1764000500015','');
INSERT INTO "deliveries" VALUES('d111b8a760de4abaa99e92b5ec877ef7','09c1e5400bf54d4999840a037212ad54','linkedin-ai-training/survey',1,0,'slack:T1','slack','T1','C1','channel','en','delete','done',1,1,NULL,'2026-11-23 10:40:00.000000','2026-11-23 10:40:00.000000','1795430100.000100','');
INSERT INTO "deliveries" VALUES('28593c80a73b469aa705f077c13dce35','09c1e5400bf54d4999840a037212ad54','linkedin-ai-training/survey',1,1,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:group@thread.v2','channel','en','delete','done',1,1,NULL,'2026-11-23 10:40:00.000000','2026-11-23 10:40:00.000000','1764000500017','');
INSERT INTO "deliveries" VALUES('97f1024079ce4bcd91bd306658335b4c','1874cc334a824b06bd943e0ff8efa1fc','linkedin-ai-training/launch',1,0,'slack:T1','slack','T1','C6','channel','en','post','pending',1,0,'2026-11-24 08:00:00.000000','2026-11-23 10:45:00.000000',NULL,'','');
INSERT INTO "deliveries" VALUES('447bbe463985412e990dd5b01b409c51','1874cc334a824b06bd943e0ff8efa1fc','linkedin-ai-training/launch',1,1,'slack:T1','slack','T1','U3','person','en','post','pending',1,0,'2026-11-24 08:00:00.000000','2026-11-23 10:45:00.000000',NULL,'','');
INSERT INTO "deliveries" VALUES('7b6c3b16842243208f7325293bbdcfa4','1874cc334a824b06bd943e0ff8efa1fc','linkedin-ai-training/launch',1,2,'slack:T1','slack','T1','C4','channel','de','post','pending',1,0,'2026-11-24 08:00:00.000000','2026-11-23 10:45:00.000000',NULL,'','');
INSERT INTO "deliveries" VALUES('b48d7f77f7b147028443378f3a7da945','1874cc334a824b06bd943e0ff8efa1fc','linkedin-ai-training/launch',1,3,'slack:T1','slack','T1','C5','channel','en','post','pending',1,0,'2026-11-24 08:00:00.000000','2026-11-23 10:45:00.000000',NULL,'','');
INSERT INTO "deliveries" VALUES('2e9164293ad7449aafc9385000112047','1874cc334a824b06bd943e0ff8efa1fc','linkedin-ai-training/launch',1,4,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:munich@thread.tacv2','channel','de','post','pending',1,0,'2026-11-24 08:00:00.000000','2026-11-23 10:45:00.000000',NULL,'','');
INSERT INTO "deliveries" VALUES('77abf790b02443d98acf59f37de3cd9e','67a1b631717f4086825d3c6a167ae587','linkedin-ai-training/launch',1,0,'slack:T1','slack','T1','C7','members','en','expand','pending',0,0,'2026-11-24 08:00:00.000000',NULL,NULL,'','');
INSERT INTO "deliveries" VALUES('c912130eca4e41ffb78b5b264d8b8c74','f6b2f089e0504208ac09422143b7ab7e','linkedin-ai-training/workshop',1,0,'slack:T1','slack','T1','C4','channel','de','check','done',1,1,NULL,'2026-11-23 11:40:00.000000','2026-11-23 11:40:00.000000','','');
INSERT INTO "deliveries" VALUES('21b20c5c4e094feaba3bbc443c575d46','ef7f7caf2c094676a9ff00c6498e295e','linkedin-ai-training/workshop',1,0,'slack:T1','slack','T1','C5','channel','en','check','done',1,1,NULL,'2026-11-23 11:42:00.000000','2026-11-23 11:42:00.000000','','');
INSERT INTO "deliveries" VALUES('2bdc7578d8fc42c2839767ec0f299d2c','ef7f7caf2c094676a9ff00c6498e295e','linkedin-ai-training/workshop',1,1,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:oslo@thread.tacv2','channel','en','check','done',1,1,NULL,'2026-11-23 11:42:00.000000','2026-11-23 11:42:00.000000','','');
INSERT INTO "deliveries" VALUES('b4c84a1c977e4a3fa40b4f95c3767495','f6dcf555ca0c4fbeb4f584168592597a','linkedin-ai-training/launch',1,0,'slack:T1','slack','T1','C3','channel','en','post','sending',1,1,'2026-11-23 11:58:00.000000','2026-11-23 11:58:00.000000',NULL,'','');
INSERT INTO "deliveries" VALUES('67122984ec38457e80c4378c6dfe9797','f6dcf555ca0c4fbeb4f584168592597a','linkedin-ai-training/launch',1,1,'teams:aaaaaaaa-0000-4000-8000-000000000001','teams','aaaaaaaa-0000-4000-8000-000000000001','19:held@thread.v2','channel','en','post','sending',1,1,'2026-11-23 11:58:00.000000','2026-11-23 11:58:00.000000',NULL,'','');
CREATE TABLE lanes (
	lane VARCHAR(220) NOT NULL, 
	epoch INTEGER NOT NULL, 
	PRIMARY KEY (lane)
);
INSERT INTO "lanes" VALUES('slack:T1',1);
INSERT INTO "lanes" VALUES('teams:aaaaaaaa-0000-4000-8000-000000000001',1);
CREATE TABLE people (
	platform VARCHAR(20) NOT NULL, 
	tenant VARCHAR(200) NOT NULL, 
	person VARCHAR(200) NOT NULL, 
	region VARCHAR(60) NOT NULL, 
	PRIMARY KEY (platform, tenant, person)
);
INSERT INTO "people" VALUES('slack','T1','U2','europe');
INSERT INTO "people" VALUES('teams','aaaaaaaa-0000-4000-8000-000000000001','29:anna','elsewhere');
CREATE TABLE receipts (
	id INTEGER NOT NULL, 
	platform VARCHAR(20) NOT NULL, 
	tenant VARCHAR(200) NOT NULL, 
	place VARCHAR(200) NOT NULL, 
	thread VARCHAR(200) NOT NULL, 
	ref VARCHAR(200) NOT NULL, 
	subject VARCHAR(400) NOT NULL, 
	content_version VARCHAR(20) NOT NULL, 
	posted_at DATETIME NOT NULL, language VARCHAR(20) DEFAULT '' NOT NULL, digest VARCHAR(20) DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "receipts" VALUES(1,'slack','T1','C1','1795434600.000100','1795434601.000100','["linkedin-ai-training", "steps"]','40b09fec661b','2026-11-23 11:50:00.000000','de','798b2365040ca82e');
INSERT INTO "receipts" VALUES(2,'slack','T1','C1','1795434604.000100','1795434605.000100','["linkedin-ai-training", "start_date_eu"]','40b09fec661b','2026-11-23 11:50:00.000000','en','43e409acbaa79282');
INSERT INTO "receipts" VALUES(3,'slack','T1','C1','','','["share", "linkedin-ai-training", "private_messages_excluded"]','40b09fec661b','2026-11-23 11:51:00.000000','','58cfdc7e664ca98f');
INSERT INTO "receipts" VALUES(4,'slack','T1','C1','1795434780.000100','1795434781.000100','["link", "linkedin-ai-training"]','40b09fec661b','2026-11-23 11:53:00.000000','','80e5b0c29321a1e8');
INSERT INTO "receipts" VALUES(5,'slack','T1','C1','','','["steps", "linkedin-ai-training"]','40b09fec661b','2026-11-23 11:55:00.000000','','d08fa809e4b5b4e3');
INSERT INTO "receipts" VALUES(6,'teams','aaaaaaaa-0000-4000-8000-000000000001','19:general@thread.tacv2','19:general@thread.tacv2;messageid=1764000000000','1764000500033','["steps", "linkedin-ai-training"]','40b09fec661b','2026-11-23 11:55:00.000000','','d08fa809e4b5b4e3');
INSERT INTO "receipts" VALUES(7,'teams','aaaaaaaa-0000-4000-8000-000000000001','19:general@thread.tacv2','19:general@thread.tacv2;messageid=1764000000000','1764000500037','["linkedin-ai-training", "start_date_eu"]','40b09fec661b','2026-11-23 11:55:00.000000','de','f0deab6f3879d343');
CREATE INDEX receipts_by_place ON receipts (platform, tenant, place, subject, posted_at);
CREATE INDEX receipts_by_age ON receipts (posted_at);
CREATE INDEX announcements_by_name ON announcements (name, made_at);
CREATE INDEX deliveries_of ON deliveries (announcement, state);
CREATE TRIGGER audit_no_update BEFORE update ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE delete ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE INDEX deliveries_in_place ON deliveries (place, kind);
CREATE INDEX deliveries_due ON deliveries (lane, state, task, not_before, position);
COMMIT;
