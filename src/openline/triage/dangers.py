"""What danger to life looks like in words, in English, and in outline in other languages.

Each danger has trigger words: a post without any of them costs a set intersection. A post with one is
searched with the danger's pattern, sentence by sentence, unless `harmless` matches the sentence first (idiom).
Patterns see English as normalised words (`text.words`: no accents, apostrophes or plural s, "dont", "wire down"),
other languages as lower-case text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from openline.triage.text import words


@dataclass(frozen=True, slots=True)
class Danger:
    """One kind of danger to life; `name` is what staff read."""

    name: str
    triggers: frozenset[str]
    pattern: re.Pattern[str]
    harmless: re.Pattern[str] | None = None


def _danger(name: str, triggers: str, pattern: str, harmless: str = "") -> Danger:
    compiled = re.compile(harmless, re.X) if harmless else None
    return Danger(name, frozenset(triggers.split()), re.compile(pattern, re.X), compiled)


_PERSON = (
    r"(?:some ?one|some ?body|a?nother|people|person|man|woman|guy|lady|girl|boy|kid|child|children|baby|toddler|infant|"
    r"teen|teenager|neighbor|mom|mother|dad|father|husband|wife|son|daughter|friend|grandma|grandmother|grandfather|"
    r"grandpa|brother|sister|worker|driver|passenger|cyclist|biker|pedestrian|student|resident|tenant|family|victim|he|"
    r"she|they|him|her|them|i|im|we|me|us|homeless|elderly|senior|officer|roommate|coworker|uncle|aunt)"
)

ENGLISH = (
    _danger(
        "fire",
        "fire flame smoke burning burn ablaze blaze smoldering smouldering arson smokey smoky",
        r"\b(?:on\ fire|caught\ fire|catching\ fire|set\ (?:\w+\ ){0,3}fire|setting\ (?:\w+\ ){0,3}fire|in\ flame|ablaze"
        r"|(?:house|building|car|truck|kitchen|apartment|rowhouse|roof|basement|dumpster|electrical|trash|brush|grass|garage|"
        r"porch|stove|oven|transformer|vehicle|wall|fence|lot|shed|stove|battery|tree|warehouse|floor|factory|school|"
        r"church|store|bus|train|attic|bedroom|outlet|structure|home|place|manhole|tire|huge|big|massive|active|raging|small|"
        r"real)\ (?:is\ |are\ |wa\ |ha\ )?(?:\w+\ )?(?:fire|burning|blaze)"
        r"|(?:there|their|theirs)\ (?:is\ |wa\ |are\ )?(?:a\ |an\ |\w+\ )?(?:\w+\ )?(?:fire|flame)\b|(?:flame|black\ smoke|thick\ smoke|heavy\ smoke|lot\ of\ smoke)"
        r"|smoke\ (?:\w+\ ){0,2}(?:coming|pouring|billowing|out|filling|everywhere|rising|from|in\ the)"
        r"|(?:see|seeing|smell|smelling|full\ of|filled\ with)\ (?:\w+\ ){0,2}(?:smoke|flame|fire|burning)\b"
        r"|fire\ (?:\w+\ ){0,2}(?:at|on|in|inside|behind|near|next\ to|across|under|spreading|started|right\ now|coming)\b"
        r"|burning\ (?:down|right\ now|up)|fire\ !|(?:burning|smoking|smoldering)\ (?:\w+\ ){0,2}(?:house|building|car|roof|wire|outlet|pole|manhole|transformer)"
        r"|(?:pole|wire|outlet|manhole|transformer|car|house|building|roof|dumpster|bin|meter|panel)\ (?:i\ |is\ |are\ |keep\ )?(?:smoking|smoldering|burning|on\ fire)"
        r"|smell(?:\ like|\ of)?\ (?:\w+\ )?(?:burning|smoke)\ (?:\w+\ ){0,3}(?:wire|plastic|electrical|inside|outlet|wall|house|apartment|basement|in\ my|in\ the))",
        r"""fire\ (?:mixtape|hydrant|escape|lane|station|house|department|dept|truck|engine|chief|marshal|drill|code|
        inspect\w*|sale|pit|alarm\ (?:inspect|test|beep|chirp)\w*|extinguisher|hose|commissioner|academy|beat|track|song|album|outfit|
        food|burger|pizza|wing|game|deal|post|content|show|set|emoji|prevention|safety|hazard|resist\w*|work|sprinkler|door|exit|watch|zone|ball)\b
        |(?:mixtape|album|song|track|outfit|pizza|burger|food|game|playlist|beat|drip|fit|sneaker|wing|cheesesteak|show|concert|
        set|team|eagle|sixer|philly|flyer|phillie|offense|defense|bullpen|pitcher|batter|he|she|bro|that|this|they|you)\ (?:is|are|wa|were|be|looking|came)\ (?:\w+\ ){0,2}(?:on\ )?(?:fire|ablaze)\b
        |(?:dumpster\ fire\ (?:of|that|city|council|this|mayor|government|administration|agency|team|season|year))|(?:is|are|wa)\ (?:such\ |just\ |literally\ |basically\ )?a\ (?:total\ |complete\ |absolute\ )?dumpster\ fire
        |(?:under|open|friendly|cease|rapid|hell)\ fire|fire\ (?:him|her|them|the\ (?:mayor|coach|gm|manager|commissioner|whole)|everyone|everybody|all)\b|camp\ ?fire|bon\ ?fire|fire\ pit|fire\ place
        |light\ a\ fire\ under|fight\ fire\ with|playing\ with\ fire|(?:weed|cigarette|second\ ?hand|tobacco|marijuana|pot|vape|bbq|grill|barbecue)\ smoke
        |smoke\ (?:alarm|detector|weed|break|free|shop|signal|test|dope|cigarette)|burn(?:ed|t|ing)?\ (?:out|rubber|calorie|money|gas|fat|ban)|burning\ (?:question|through|man\b|tax|money|rubber|desire)
        |(?:street\ ?light|bulb|lamp|light)\ (?:\w+\ ){0,3}burn\w*|burn\w*\ out\ (?:bulb|light|street)|smoking\ (?:on|in|weed|cigarette|section|area|outside|at\ the)""",
    ),
    _danger(
        "gas",
        "gas gase carbon monoxide propane co peco pgw rotten egg natural",
        r"\b(?:gas\ (?:leak|leaking|odor|smell|fume|main\ (?:break|broke|hit|leak|rupture)\w*|line\ (?:\w+\ ){0,2}(?:hit|broke|broken|leak|leaking|ruptured|cut|struck|burst)|coming|hissing|explosion|everywhere|escaping)"
        r"|(?:smell|smelling|smelled|odor|stink|stinking|scent|reek|reeking|whiff|stench)\ (?:\w+\ ){0,4}(?:gas|propane|rotten\ egg)\b"
        r"|(?:leak|leaking|hissing)\ (?:\w+\ ){0,2}(?:gas|propane)|(?:hit|broke|cut|struck|ruptured|punctured|hitting)\ (?:\w+\ ){0,3}gas\ (?:line|main|pipe)"
        r"|(?:carbon\ monoxide|co)\ (?:\w+\ ){0,2}(?:alarm|detector|alert)\ (?:\w+\ ){0,3}(?:going|went|beeping|ringing|sounding|off|blaring|wont\ stop|keep)"
        r"|carbon\ monoxide\ (?:leak|poisoning|in|level)|propane\ (?:leak|leaking|tank\ (?:\w+\ ){0,2}leak\w*)|gas\ (?:is\ |are\ )?leaking"
        r"|(?:strong|heavy|bad|awful|overwhelming)\ (?:natural\ )?gas\b|(?:house|basement|kitchen|hallway|block|apartment|building|street|whole)\ (?:\w+\ ){0,3}(?:smell|smelling|reek|stink)\ (?:\w+\ ){0,3}gas)",
        r"gas\ (?:station|price|bill|tank|mask|pump|mileage|tax|grill|cap|powered|guzzler|light|company|stove\ (?:ban|repair)|leaf|can)\b(?!.*(?:leak|smell\w*\ (?:gas|like\ gas)))|tear\ gas|gas(?:sed)?\ up|low\ battery|chirp",
    ),
    _danger(
        "electric wires",
        "wire powerline electrocuted electrocution sparking spark arcing line cable electric transformer electrified shocked pole lamppost livewire",
        r"\b(?:(?:power|electric|electrical|live|utility|peco|high\ voltage|hot)\ ?(?:wire|line|cable|powerline)\ (?:\w+\ ){0,5}(?:down|fell|fallen|hanging|dangling|snapped|sparking|on\ (?:the\ |my\ |a\ )?(?:ground|street|sidewalk|car|road|fence|lawn|roof|yard)|across|in\ the\ (?:street|road)|touching|arcing|low|loose|came\ down|lying|laying|torn|ripped)"
        r"|(?:wire|powerline|power\ line)\ (?:\w+\ ){0,3}(?:down|sparking|fell|fallen|snapped|arcing|came\ down|on\ the\ (?:ground|street|sidewalk|road)|lying|laying|buzzing|in\ the\ (?:street|road|water)|on\ fire|across\ (?:the\ )?(?:street|road|sidewalk))"
        r"|(?:down|downed|fallen|live|sparking|arcing|exposed\ live|snapped|hot|buzzing)\ (?:\w+\ )?(?:power\ ?line|electric\ line|electrical\ line|wire|utility\ line|electric\ cable|power\ cable)"
        r"|(?:tree|limb|branch|pole)\ (?:\w+\ ){0,7}(?:took|pulled|brought|knocked|taking|taken)\ (?:\w+\ ){0,2}(?:down\ )?(?:\w+\ ){0,3}(?:wire|power\ ?line|line)\b"
        r"|(?:tree|limb|branch)\ (?:\w+\ ){0,6}(?:on|onto|in|into|against|leaning\ on|resting\ on|tangled\ in|across)\ (?:\w+\ ){0,3}(?:wire|power\ ?line|electric\ line|electrical\ wire|electric\ wire)\b"
        r"|electrocut\w+|(?:got|being|get|getting|wa|were)\ (?:\w+\ ){0,2}shocked|(?:transformer|manhole)\ (?:\w+\ ){0,3}(?:exploded|blew|exploding|sparking|explosion|arcing|smoking)"
        r"|(?:pole|box|outlet|meter|light|lamppost|wire|cable|transformer|panel|fixture|socket|signal|line)\ (?:\w+\ ){0,4}(?:sparking|shooting\ spark|throwing\ spark|arcing|electrified)|spark\ (?:\w+\ ){0,3}(?:coming|flying|shooting|from)|electrified|(?:water|fence|pole|rail|ground)\ (?:\w+\ ){0,3}(?:shock|shocking|electrified))",
        r"""(?:cable|phone|internet|telephone|comcast|verizon|fios|fiber)\ (?:\w+\ )?(?:wire|line)|down\ to\ the\ wire|bottom\ line|on\ line|front\ line|picket\ line|shocked\ (?:at|by|that|to\ (?:see|hear|learn|find)|how|when|the)|were\ shocked|wa\ shocked\ (?:at|to|by|how)|spark\ (?:joy|plug|notes|debate|interest)|down\ the\ (?:wire|line)|get\ wired""",
    ),
    _danger(
        "trapped",
        "trapped stuck pinned buried crushed trapping elevator locked hanging drowning drowned drown river creek canal swept underwater pool ice",
        rf"\b(?:{_PERSON}\ (?:\w+\ ){{0,4}}(?:trapped|pinned|crushed|buried\ (?:under|in|alive))|(?:trapped|pinned|crushed|buried)\ (?:\w+\ ){{0,2}}(?:inside|under|underneath|beneath|in\ (?:a|the|an|my|his|her|their)\ (?:\w+\ )?(?:car|elevator|house|building|basement|apartment|vehicle|rubble|room|truck|fire|flood|hole|stairwell|bathroom|water|wreck|cellar|trench))"
        rf"|stuck\ (?:\w+\ )?(?:in|inside|on)\ (?:\w+\ ){{0,3}}(?:elevator|lift|burning|flooded|flood\ water|rising\ water|sinkhole|rubble|mud|wreck|roof\ of)|{_PERSON}\ (?:\w+\ ){{0,3}}stuck\ (?:\w+\ ){{0,2}}(?:under|in\ (?:the\ )?(?:water|river|flood|hole|drain|manhole|sewer|car\ (?:in|with)))"
        rf"|(?:is|are|wa|someone|kid|boy|girl|man|woman|child|people|he|she|they|im|i)\ (?:\w+\ )?(?:drowning|drowned)|{_PERSON}\ (?:\w+\ ){{0,3}}(?:swept\ (?:away|into|under|down)|fell\ (?:\w+\ )?(?:in|into|through)\ (?:\w+\ ){{0,2}}(?:river|creek|water|ice|canal|manhole|pond|sinkhole|hole|pit|track|trench|schuylkill|delaware|wissahickon|lake|reservoir|sewer|drain|quarry))"
        rf"|(?:car|bus|vehicle|truck)\ (?:\w+\ ){{0,5}}(?:under\ ?water|in\ (?:the\ )?(?:river|creek|canal|flood\ ?water))\b.*\b(?:inside|people|person|driver|someone|still\ in)|elevator\ (?:\w+\ ){{0,6}}(?:trapped|people\ inside|with\ (?:people|someone|me|u)\b))",
        r"""(?:stuck|trapped)\ in\ (?:traffic|a\ meeting|line|voicemail|a\ loop|phone|the\ phone|bureaucracy|hold|red\ tape|limbo|a\ time|the\ past|rush|gridlock|my\ (?:head|driveway|parking|job))|drowning\ in\ (?:trash|debt|paperwork|work|email|garbage|rat|litter|homework|tax)|(?:water|moisture|dirt|trash|leaf|leave|air|heat|garbage)\ (?:\w+\ )?trapped|speed\ trap|trapped\ in\ (?:the\ )?(?:phone|menu|system|paperwork)|crushed\ (?:it|that|the\ (?:game|show|set|exam)|can|bottle|my\ (?:dream|soul|trash|can|bin|hope))|crushed\ by\ (?:the\ )?(?:news|loss|bill|debt)""",
    ),
    _danger(
        "collapse",
        "collapse collapsed collapsing cavein caved cave sinkhole swallowed falling fell crumbling buckling",
        r"\b(?:(?:building|house|wall|roof|ceiling|floor|porch|facade|bridge|scaffold|scaffolding|crane|structure|chimney|home|rowhouse|stair|staircase|balcony|property|garage|church|overpass|parapet|deck)\ (?:\w+\ ){0,4}(?:collapsed|collapsing|collapse|caved\ in|caving\ in|cave\ in|gave\ way|giving\ way|coming\ down|come\ down|about\ to\ (?:fall|come\ down|collapse|cave)|falling\ (?:down|onto|on|into)|fell\ (?:down|onto|on|in|into)|buckling|toppled)"
        r"|collapsed\ (?:\w+\ ){0,2}(?:building|house|wall|roof|porch|ceiling|scaffold|scaffolding|trench|structure|rowhome|bridge|crane)"
        r"|(?:street|road|roadway|sidewalk|block|pavement|asphalt|ground|trench|avenue|intersection|lane|highway|alley)\ (?:\w+\ ){0,5}(?:caved\ in|caving\ in|cave\ in|collapsed|collapsing|gave\ way|opened\ up|swallowed|sinking\ fast|fell\ in)"
        r"|cave\ ?in\b|cavein|(?:huge|giant|massive|big|deep|large|growing|car\ sized|enormous|gaping)\ sink\ ?hole|sink\ ?hole\ (?:\w+\ ){0,4}(?:opened|opening|swallowed|growing|car|collapsed|getting\ bigger|swallowing)|swallowed\ (?:\w+\ ){0,2}(?:car|truck|bus|van)"
        r"|(?:brick|concrete|debris|stone|glass|masonry|piece\ of\ (?:the\ )?(?:building|facade|wall|bridge))\ (?:\w+\ ){0,3}(?:falling|raining|coming\ down|fell|crashing)\ (?:\w+\ ){0,3}(?:sidewalk|people|street|onto|on\ people|car|pedestrian|from\ (?:the\ )?(?:building|roof|wall|facade|bridge)))",
        r"collapsed\ (?:in|on)\ (?:my|the)\ (?:couch|bed)|market\ collapse|(?:economy|talk|deal|negotiation|team|defense)\ collapse\w*|caved\ (?:to|on|under|last\ minute)|(?:slightly|starting\ to|slowly|little|small)\ (?:\w+\ )?(?:sink|collapse|cave|sag|buckl)\w*",
    ),
    _danger(
        "hurt or unconscious person",
        "unconscious unresponsive breathing bleeding overdose overdosed overdosing od oding seizure heart stroke collapsed passed chest injured hurt dying choking dead body stabbed narcan naloxone pulse conscious blue moving fainted hit struck ambulance lying laying slumped sidewalk motionless bled passedout crash accident labor suffocating poisoned convulsing medic responsive knocked",
        rf"\b(?:unconscious|unresponsive|(?:not|isnt|cant|stopped|barely|arent|wasnt|trouble|difficulty|cannot|no\ longer|hardly|struggling\ to|unable\ to)\ (?:\w+\ )?breath(?:e|ing)|no\ pulse|(?:not|isnt|wont)\ (?:\w+\ )?(?:responding|responsive|waking|wake|conscious|moving)|bleeding\ (?:\w+\ )?(?:badly|out|heavily|bad|from|a\ lot|everywhere|profusely|on\ the)|(?:is|are|wa|person|man|woman|kid|boy|girl|he|she|someone|guy)\ bleeding|blood\ everywhere"
        rf"|overdos\w+|{_PERSON}\ (?:\w+\ ){{0,2}}(?:od|oding|odd)\b|(?:having|had|has|ha)\ (?:a\ |an\ )?(?:seizure|heart\ attack|stroke|convulsion|asthma\ attack|allergic\ reaction)|(?:need|bring|get|using|gave|out\ of)\ (?:\w+\ ){{0,2}}(?:narcan|naloxone)|chest\ pain|(?:is|are|he|she|someone|kid|baby|child)\ (?:\w+\ )?(?:choking|convulsing|seizing|suffocating)|turning\ blue|blue\ lip"
        rf"|{_PERSON}\ (?:\w+\ ){{0,4}}(?:collapsed|passed\ out|fainted|unconscious|motionless|face\ down|not\ moving|slumped|knocked\ out|dying|bleeding)|{_PERSON}\ (?:\w+\ ){{0,5}}(?:lying|laying|down)\ (?:\w+\ ){{0,4}}(?:sidewalk|street|ground|road|track|floor|pavement|corner|median|steps?|step|crosswalk|snow|grass|stair)"
        rf"|(?:person|man|woman|body|guy|someone|pedestrian|cyclist)\ (?:is\ )?down\b|dead\ (?:body|person|man|woman|guy)|(?:badly|seriously|severely|critically)\ (?:hurt|injured|burned|wounded)|{_PERSON}\ (?:\w+\ ){{0,3}}(?:is|are|got|hurt|been|gets?)\ (?:\w+\ ){{0,2}}(?:injured|hurt\ (?:bad|badly)|wounded)|(?:people|person|someone|driver|passenger|kid|child|man|woman|rider|cyclist|biker|pedestrian)\ (?:\w+\ )?(?:hurt|injured)\b"
        rf"|(?:need|call|send|get)\ (?:\w+\ ){{0,2}}(?:an\ )?(?:ambulance|medic|paramedic|911\ (?:now|to))|(?:pedestrian|cyclist|biker|kid|child|boy|girl|man|woman|person|someone|people|worker|student|mother|jogger)\ (?:\w+\ ){{0,4}}(?:wa\ |got\ |ha\ been\ |been\ |were\ )?(?:hit|struck|run\ over|mowed\ down)\ by\ (?:a|an|the|this|that)\ (?:\w+\ ){{0,2}}(?:car|truck|bus|driver|train|trolley|van|suv|vehicle|motorcycle|dirt\ bike|atv)"
        rf"|(?:car|truck|driver|suv|van|bus|trolley|train)\ (?:\w+\ ){{0,2}}(?:hit|struck|ran\ over|run\ over)\ (?:\w+\ ){{0,2}}(?:a\ |an\ |my\ )?(?:\w+\ )?(?:pedestrian|cyclist|biker|kid|child|boy|girl|man|woman|person|someone|people|baby|mother|student)|in\ labor\b|water\ broke\b|(?:swallowed|drank|ate)\ (?:\w+\ ){{0,2}}(?:bleach|poison|pill|battery)|poisoned)",
        r"""bleeding\ (?:money|heart|edge|ear)|dying\ (?:to|of\ laughter|laughing|inside|for\ a|for\ some|here\ lol|tree|at\ this|over\ this)|(?:im|i\ am)\ (?:dead|dying|deceased|weak|choking|screaming)\b|dead\ (?:animal|cat|dog|bird|deer|rat|raccoon|tree|possum|squirrel|end|battery|limb|street)|(?:gave|giving|almost\ gave|nearly\ gave|almost\ had|nearly\ had|bout\ had)\ (?:\w+\ ){0,3}(?:heart\ attack|stroke)
        |heart\ attack\ (?:sandwich|burger|on\ a\ plate)|stroke\ of|passed\ out\ (?:flyer|candy|flier|water|food|mask|leaflet|paper|card)|struck\ (?:by\ (?:how|lightning\ twice)|a\ deal|out)|hit\ by\ (?:a\ )?(?:pothole|falling\ price)|get\ (?:hurt|injured|hit|killed|run\ over)|(?:going\ to|gonna|will|could|might|may|before|until|can|someday|eventually|waiting\ for|so|almost|nearly)\ (?:\w+\ ){0,5}(?:hurt|injured|hit|struck|killed|die|run\ over)\b
        |breath(?:e|ing)\ (?:a\ word|room|easy|down\ my)|(?:cant|can't|cannot)\ breathe?\ (?:\w+\ )?(?:because|from|with|due|the\ (?:dust|smell|odor|stench)).*(?:smell|stench|dust|trash|pollen|odor)|not\ moving\ (?:traffic|car)|(?:car|truck|traffic|line|bus|train|van|trailer|vehicle)\ (?:\w+\ ){0,4}(?:not|isnt|hasnt|wont|ha\ not)\ (?:\w+\ )?mov\w+""",
    ),
    _danger(
        "violence or weapons",
        "gun shot shooting shooter gunshot gunfire stabbed stabbing knife weapon armed robbed robbery assault assaulted attacked attacking beating raped rape kidnapped hostage machete pistol rifle bomb explosive explosion exploded shoot firing shotgun abducted intruder fighting fight threatening hitting beat breaking strangling screaming pointed",
        rf"\b(?:(?:shot|gun\ ?shot|gun\ ?fire|round)\ (?:\w+\ )?(?:fired|being\ fired|ringing|rang|going\ off|heard|outside|coming\ from|right\ now|on\ my|on\ the|on\ our|at\ \w+)|(?:hear|hearing|heard)\ (?:\w+\ ){{0,4}}(?:gun\ ?shot|gun\ ?fire|shot|shooting|explosion|gun)\b|(?:firing|shooting|fired|shot)\ (?:\w+\ ){{0,3}}(?:gun|rifle|pistol|at\ (?:people|car|house|each|someone|us|me|him|her|them|police)|into\ the)|active\ shooter|mass\ shooting|drive\ by|{_PERSON}\ (?:\w+\ ){{0,3}}(?:been\ |wa\ |got\ |just\ |is\ |were\ )?(?:shot|stabbed|stabbing|shooting|beaten|raped|kidnapped|abducted|strangled|assaulted|jumped|robbed\ at|mugged)\b"
        rf"|{_PERSON}\ (?:\w+\ ){{0,5}}(?:with|ha|have|has|waving|holding|carrying|pointing|pulled|pulling|brandishing|swinging|got|pointed)\ (?:\w+\ ){{0,2}}(?:gun|knife|machete|weapon|pistol|rifle|firearm|bat\ at|ax|shotgun|handgun|blade|hatchet)\b|(?:waving|brandishing|pointing|pointed|pulled|swinging|holding)\ (?:\w+\ ){{0,2}}(?:gun|knife|machete|pistol|rifle|firearm|weapon|handgun)\b|(?:armed|gunpoint|knifepoint|knife\ point|gun\ point|hostage|stabbing|shootout|shoot\ out|carjack\w*|home\ invasion)\b|(?:shooting|shot|stabbing|explosion|robbery)\ (?:\w+\ )?(?:at|on|in|near|outside|happening|right|going|just|inside)\b"
        rf"|gun\ (?:at|in|on)\ (?:the\ )?(?:school|playground|park|bus|train|class|store|street|rec)|loaded\ gun|(?:found|find|there|saw)\ (?:\w+\ ){{0,3}}(?:gun|handgun|pistol|rifle|grenade|bomb|explosive|pipe\ bomb)\b|bomb\ (?:threat|in|at|under|inside)|(?:looks\ like|look\ like|think\ it|might\ be|suspicious)\ (?:\w+\ ){{0,2}}(?:bomb|explosive|package\ ticking)|pipe\ bomb|(?:exploded|exploding|big\ explosion|huge\ explosion|loud\ explosion|an\ explosion|explosion\ (?:and|just))"
        rf"|{_PERSON}\ (?:\w+\ ){{0,4}}(?:beating|hitting|attacking|choking|strangling|raping|assaulting|dragging|punching|threatening|kicking|stabbing)\ (?:\w+\ ){{0,2}}{_PERSON}\b|(?:beating|attacking|assaulting|strangling|hitting)\ (?:\w+\ )?(?:his|her|a|the|my)\ (?:\w+\ )?(?:wife|girlfriend|boyfriend|woman|kid|child|girl|man|son|daughter|mother|driver|husband)|(?:breaking|break|broke|breaks)\ (?:into|in\ to)\ (?:\w+\ ){{0,3}}(?:right\ now|now|while|as\ we|as\ i)|(?:breaking|trying\ to\ break|trying\ to\ get|climbing)\ (?:in|into|through)\ (?:\w+\ ){{0,2}}(?:my|our|neighbor)\ (?:\w+\ )?(?:house|home|door|window|apartment)|intruder|someone\ (?:is\ )?in\ (?:my|our|the)\ house|(?:going\ to|gonna|will|threaten\w*\ to|want\ to|wants?\ to)\ (?:kill|shoot|stab|murder)\ (?:me|u|him|her|his|their|my|someone|somebody|people|everyone|them|you|us)\b|screaming\ for\ help|woman\ screaming|kill\ (?:me|us)\ !|pulled\ (?:\w+\ )?(?:gun|knife)\ on)",
        r"""(?:photo|film|video|movie|commercial|tv|music\ video)\ ?shoot\w*|shoot\ (?:me\ (?:a|an|over)|hoop|basket|a\ film|an\ email|for)|flu\ shot|shot\ (?:clock|glass|of\ (?:espresso|whiskey|the)|put|caller|out\ to)|(?:covid|booster|vaccine|vaccination|rabies|good|great|nice|beautiful|long|cheap|best|big|parting|game\ winning|free|drone|aerial|money|jump|pot|head)\ shot|(?:took|take|taking|give\ it|give|worth)\ (?:a\ |my\ |your\ )?shot|bath\ bomb|photo\ ?bomb\w*|(?:da|the)\ bomb\b(?!\ (?:threat|squad))|bomb\ (?:cyclone|ass|food|pizza|burger|cheesesteak)|top\ gun|gun\ (?:control|law|violence|reform|show|buyback|buy\ back|rights|lobby|safety|owner)|nail\ gun|glue\ gun|water\ gun|radar\ gun|heat\ gun|jump\w*\ the\ gun|stapl\w+\ gun|gun\ ho
        |shooting\ (?:hoop|star|range|guard|a\ (?:movie|film|video|commercial)|percentage|slump|from\ three)|beat\ (?:the|them|u|him)\ (?:cowboys|met|giant|traffic|heat|rush|celtic|brave)|highway\ robbery|armed\ with\ (?:info\w*|knowledge|facts|coffee|a\ smile|question)|armed\ force|(?:population|traffic|job|news|story|flavor|growth|crowd)\ (?:\w+\ )?explo\w+|explosion\ of\ (?:color|flavor|growth|rat|litter)|heart\ attack|knife\ (?:set|drop|sharpen)|fireworks?\ (?:\w+\ ){0,3}(?:sound|like|shooting|shot|explo\w*|at|all|go)|sound\w*\ like\ (?:gun\ ?shot|a\ war|explosion|bomb)\b.*firework|firework.*sound\w*\ like|(?:fighting|fight)\ for|food\ fight|price\ (?:is|are)\ (?:criminal|robbery)|shot\ (?:glass|photo)|shooting\ (?:up\ )?(?:drug|heroin|dope)|breaking\ in\ (?:new\ )?shoe""",
    ),
    _danger(
        "suicide",
        "suicide suicidal kill killing die jump ledge bridge overpass myself end hang alive living jumping pill roof life",
        rf"\b(?:kill(?:ing)?\ (?:myself|himself|herself|themself|themselves|yourself)|suicidal|(?:commit|committing|attempt\w*|try\w*|thinking\ about|thinking\ of|considering)\ suicide|end(?:ing)?\ (?:my|his|her|their|it)\ (?:own\ )?(?:life|all)|(?:dont|do\ not|no\ longer)\ want\ to\ (?:live|be\ alive|be\ here\ anymore|wake\ up|exist)|(?:want|wanna|wish\ to|going|ready)\ (?:to\ )?die\b|(?:about|going|trying|threatening|want\w*|gonna|ready|wanna|looks?\ like\ \w+)\ (?:\w+\ )?(?:to\ )?jump\b|(?:jump|jumping|jumped)\ (?:\w+\ ){{0,3}}(?:bridge|roof|building|overpass|ledge|track|window|platform)|on\ the\ (?:ledge|edge\ of\ the\ (?:roof|bridge|building))|(?:standing|sitting|hanging|climbed|leaning)\ (?:\w+\ ){{0,5}}(?:ledge|railing\ of|wrong\ side|edge\ of\ (?:the\ )?(?:bridge|roof|overpass))|hurt(?:ing)?\ myself|self\ harm\w*|cut(?:ting)?\ (?:myself|my\ wrist)|suicide\ (?:note|attempt)|no\ reason\ to\ live|better\ off\ dead|took\ (?:\w+\ ){{0,3}}(?:pill|whole\ bottle))",
        r"""kill(?:ing)?\ (?:me|my\ (?:back|tire|vibe|car|suspension|knee|alignment|wallet|mood))|(?:jump|jumping)\ (?:through\ hoop|to\ conclusion|rope|the\ gun|start|ship|on\ (?:board|the\ (?:bandwagon|bus|train|el\b)|this|it|that)|in\ (?:line|the\ pool)|over|for\ joy|turnstile)|suicide\ (?:squad|prevention\ (?:month|week|walk|training|event)|lane|hotline\ number|awareness)|die\ (?:laughing|of\ (?:laughter|boredom|embarrassment|heat)|hard|on\ this\ hill|for\ a|for\ this|for\ that)|(?:so|could)\ good\ i\ (?:want|could)\ (?:to\ )?die|want\ to\ die\ (?:laughing|lol|of\ embarrassment)|drop\ dead|(?:bus|train|commute|job|traffic|heat|pothole|humidity|allergies|line)\ (?:\w+\ ){0,4}(?:want|wanna)\ (?:to\ )?(?:die|jump)|make\ me\ (?:want\ to|wanna)\ (?:die|jump|scream)""",
    ),
    _danger(
        "child in danger",
        "child kid baby toddler infant boy girl children son daughter missing newborn",
        r"\b(?:(?:child|kid|baby|toddler|infant|newborn|children|boy|girl|year\ old|yr\ old|son|daughter)\ (?:\w+\ ){0,7}(?:alone|unattended|by\ (?:him|her|it|them)sel\w+|abandoned|locked\ (?:in|inside|out)|left\ in|wandering|no\ (?:adult|parent|one|mom)|unsupervised|without\ (?:an\ |any\ |his\ |her\ )?(?:adult|parent|mom|coat)|in\ the\ (?:middle\ of\ the\ )?(?:road|traffic)|on\ the\ (?:ledge|roof|track|highway|window))"
        r"|(?:abandoned|unattended|lost|missing|left)\ (?:\w+\ ){0,2}(?:child|kid|baby|toddler|infant|newborn|children|boy|girl|son|daughter)\b|(?:child|kid|baby|toddler|boy|girl|son|daughter|year\ old|yr\ old)\ (?:\w+\ ){0,3}(?:is\ |ha\ been\ |went\ |gone\ |still\ )?missing|(?:child|kid|baby|toddler|infant)\ (?:\w+\ ){0,4}(?:hot\ car|in\ (?:a|the)\ (?:\w+\ )?(?:car|van|suv|vehicle|truck)\b)|(?:leaving|leaves?|leave)\ (?:\w+\ ){0,3}(?:child|kid|baby|children|toddler)\ (?:\w+\ ){0,4}(?:alone|car|outside|home))",
        r"(?:kid|child|children|girl|boy)\ (?:\w+\ ){0,5}(?:dirt\ bike|atv|firework|play\w*\ (?:in|on|ball|outside)|program|camp|playing|walk\w*\ to\ school|cross\w*)|leave\ (?:\w+\ )?(?:kid|child|children|boy|girl)\ alone|stuff\ left|left\ (?:a|his|her)\ (?:kid|child)\ (?:bike|toy|car\ seat|stroller)|(?:kid|child|baby|boy|girl)\ (?:bike|toy|stroller|seat|clothes|chair|crib|pool|cart)|child\ (?:care|support|tax|abuse\ prevention)|old\ (?:building|tree|house|car|mattress)|missing\ (?:stop|street|sign|kid\ (?:bike|toy|hat|glove))",
    ),
    _danger(
        "crash",
        "crash crashed accident collision flipped overturned plowed rammed slammed drove hit hitandrun rollover derailed car truck into",
        r"\b(?:(?:car|truck|bus|suv|van|vehicle|driver|trolley|pickup|minivan|taxi|uber|train)\ (?:\w+\ ){0,3}(?:crashed|slammed|plowed|drove|rammed|smashed|ran|went|hit|flew|driven|crash|careened)\ (?:\w+\ )?(?:right\ |straight\ )?(?:into|through|thru)\ (?:\w+\ ){0,3}(?:house|building|home|store|restaurant|porch|wall|crowd|people|bus\ stop|bus\ shelter|shop|deli|pole|church|school|storefront|laundromat|barbershop|pharmacy|bar|window|living\ room|front\ of|tree|river|creek|pedestrian|playground|salon|day\ ?care)"
        r"|(?:car|truck|vehicle|van|suv|bus)\ (?:is\ |are\ |wa\ )?(?:into|in)\ (?:a\ |the\ |my\ |our\ )?(?:building|house|living\ room|storefront|porch|store|river|creek)\b|(?:car|truck|bus|suv|van|vehicle|tractor\ trailer|tanker|tractor)\ (?:\w+\ ){0,3}(?:flipped|overturned|rolled\ over|upside\ down|on\ it\ (?:side|roof))|(?:flipped|overturned)\ (?:\w+\ )?(?:car|truck|bus|suv|van|vehicle|tanker)|(?:bad|serious|terrible|horrible|major|massive|multi\ car|head\ on|huge|awful|3\ car|two\ car|nasty|fatal|just\ been\ an?)\ (?:car\ )?(?:crash|accident|wreck|collision)|(?:crash|accident|collision|wreck)\ (?:\w+\ ){0,5}(?:injur\w+|hurt|trapped|unconscious|bleeding|ambulance|people\ down|not\ moving)|hit\ and\ run\ (?:\w+\ ){0,4}(?:just|now|pedestrian|injured|hurt|person|someone|bleeding|happened)|(?:train|trolley|subway|el)\ (?:\w+\ )?derailed|wrong\ way\ driver)",
        r"(?:app|site|website|system|computer|server|page|market|stock|portal|phone|online)\ (?:\w+\ ){0,3}(?:crash|crashed|crashing)|crash\s?(?:course|test|data|map|report|stat|pad)|prevent|waiting\ for|there\ (?:will|is\ going)|accident\ waiting|going\ to\ (?:be|have|cause|get)|(?:will|could|gonna|might)\ (?:\w+\ ){0,2}(?:be|have|cause|get)|so\ many|every\ (?:week|day|month)|alway|almost|nearly|keep\ crashing|seen\ (?:many|several|a\ lot)",
    ),
    _danger(
        "call for help",
        "911 sos emergency help",
        r"\b(?:(?:call|calling|send|need|get)\ (?:\w+\ )?911(?!\ (?:call|operator|hold|wait))|sos\b.*(?:help|emergency)|(?:life\ threatening|medical\ emergency|life\ or\ death)|help\ (?:me|us)\ (?:please\ )?!\ .*(?:die|dying|now|hurry|trapped|fire|stuck)|911\ (?:isnt|is\ not|wont|doesnt|not|doe\ not)\ (?:answering|answer|picking|pick|responding))",
        r"(?:non|not\ an?)\ ?emergency|311|called\ 911\ (?:already|and\ they\ (?:said|told))|told\ (?:me\ )?to\ call|(?:should|do|can|would|when\ to|when\ should)\ (?:i|we|you)\ call\ 911",
    ),
)

# Lower-case text with accents; `triggers` are normalised words of it (single characters of Chinese).
_TRIGGERS_ELSEWHERE = """
incendio fuego quemando quema llama llamas humo gas fuga cable cables atrapado atrapada atrapados respira respirar
inconsciente sangrando sangre disparo disparos tiroteo pistola cuchillo arma armado suicidar suicidarme matar matarme morir derrumbe
derrumbo derrumbando derrumbó hundio socavon monoxido solo sola sobredosis infarto desmayado desmayo apunalado apunalo herido herida heridos
ahogando explosion explosao choco atropellado atropello atropellaron balacera balazo disparando baleado incendie incendiado
feu flamme brule fumee fuite gaz fil coince coincee piege piegee inconscient inconsciente respire saigne arme
couteau tire tir coup suicider effondre effondrement monoxyde seul seule overdose blesse explosion
incendio fogo chama fumaca vazamento fio fiacao preso presa desmaiado desmaiada respirando sangrando tiro tiroteio faca
desabou desabamento monoxido sozinho sozinha esfaqueado baleado atropelado ferido
dife boule lafimen gaz fwit fil kouran kole bloke konsyan respire senyen zam kouto bal tire touye efondre eksplozyon blese
chay dam khoi gas ga ro day dien ket tinh tho sung dam tu mau sap ngat chim duoi
пожар горит огонь дым дыма газ газом газа утечка провод провода застрял застряла застряли сознания дышит кровь стреляют стрельба выстрел
выстрелы нож ножом оружие пистолет покончить обрушился обрушилась обвал угарный взрыв ребенок ранен избивает сбила сбил тонет пожара горят
حريق نار يحترق دخان غاز تسرب سلك أسلاك محاصر عالق يتنفس فاقد ينزف إطلاق رصاص سلاح سكين انتحار انهار انهيار طفل انفجار الغاز النار حريقا بالغاز مسلح
火 煤 瓦 燃 电 電 困 昏 晕 暈 呼 枪 槍 刀 自 塌 溺 触 觸 爆 伤 傷 血 着 著 烟 煙 氧 孩 倒 砍 殺 杀
불 화재 가스 총 칼 자살 갇혔 쓰러 붕괴 감전 អគ្គិភ័យ ភ្លើង ឧស្ម័ន កាំភ្លើង
""".split()

ELSEWHERE = (
    _danger(
        "fire",
        "",
        r"\b(?:hay|se)\ (?:un\ |mucho\ |est[aá]\ )?(?:incendi\w*|fuego|quemando|quema(?!\ de))|\bincendi(?:o|os|ando)\b|\bfuego\ en\b|\ben\ llamas\b|\bsale\ humo|\bhumo\ (?:negro|saliendo|sale)|\bse\ (?:est[aá]\ )?(?:quema|quemando)\b"
        r"|\bau\ feu\b|\bil\ y\ a\ (?:un\ |le\ )?(?:feu|incendie)|\bincendie\b|\ben\ feu\b|\ben\ flammes|\bprend\ feu|\bpegando\ fogo|\bem\ chamas|\binc[eê]ndio|\btem\ fogo|\bfogo\ n[ao]\b|\bpran\ dife|\bdife\b|\bap\ boule"
        r"|\bcháy\ (?:nhà|rồi|lớn|xe|tòa|cửa|kho|căn|to)|\b(?:đám|bị|đang|nhà|có)\ cháy|\bhoả\ hoạn|\bhỏa\ hoạn|\bkhói\ (?:đen|bốc)|пожар(?!н)|\bгорит\ (?!свет|фонар)|\bгорят\b|\bв\ огне|дым\ (?:идет|из|валит)|حريق|يحترق|النار|着火|著火|起火|失火|火灾|火災|冒烟|冒煙|大火|불이?\ ?났|화재|អគ្គិភ័យ|ភ្លើង\ ?ឆេះ",
        r"escalera\ de\ incendio|estaci[oó]n\ de|boca\ de\ incendio|hidrante|bomberos?\ gracias|fuegos\ artificiales|feu\ (?:rouge|vert|de\ circulation|tricolore|d'artifice)|feux\b|bouche\ d'incendie|hidrante|fogos\ de|灭火器|消防栓|火车|火車|烟花",
    ),
    _danger(
        "gas",
        "",
        r"\b(?:fuga|escape)\ de\ gas|\bol[eo]r?\ a\ gas|\bhuele\ (?:\w+\ )?a\ gas|\bfuite\ de\ gaz|\b(?:odeur|sent)\ (?:\w+\ )?(?:de\ |le\ )gaz|\bvazamento\ de\ g[aá]s|\bcheiro\ (?:\w+\ )?de\ g[aá]s|\bfwit\ gaz|\b(?:odè|pran\ sant|sant)\ gaz|\bgaz\ ap\ (?:koule|chape)|\brò\ rỉ\ (?:khí\ )?ga|\bmùi\ (?:khí\ )?ga|запах\w*\ газ|пахнет\ газом|утечк\w+\ газ|угарн\w+\ газ|تسرب\ (?:ال)?غاز|رائحة\ (?:ال)?غاز|煤气(?:泄漏|味|漏)|煤氣(?:洩漏|味|外洩)|瓦斯(?:外洩|漏|味)|燃气泄漏|天然气(?:泄漏|味)|漏煤气|漏气了|一氧化碳|mon[oó]xido\ de\ carbono|monoxyde\ de\ carbone|가스\ ?(?:냄새|누출)|ឧស្ម័ន",
        r"gasolin|estaci[oó]n\ de\ gas|factura",
    ),
    _danger(
        "electric wires",
        "",
        r"\bcables?\ (?:\w+\ ){0,3}(?:ca[ií]d\w*|en\ el\ suelo|en\ la\ calle|suelt\w*|chispas|chispeando|tirad\w*|colgando)|\b(?:cay[oó]|cayeron|se\ cay[oó])\ (?:\w+\ ){0,3}(?:cables?|poste\ (?:de\ luz|el[eé]ctrico))|\bchispas\b|\belectrocut|\bfils?\ (?:\w+\ ){0,3}(?:tomb[eé]s?|[aà]\ terre|au\ sol|par\ terre)|\bfios?\ (?:\w+\ ){0,3}(?:ca[ií]d|no\ ch[aã]o|solto|faiscando)|\bfil\ (?:\w+\ ){0,2}(?:tonbe|atè|kouran)|\bdây\ điện\ (?:\w+\ ){0,2}(?:đứt|rơi|rớt|đổ|xuống|chập)|\bđiện\ giật|провод\w*\ (?:\w+\ ){0,3}(?:упал|обор|висит|висят|искр|леж)|(?:упал|оборв)\w*\ (?:\w+\ ){0,2}провод|سلك\ كهرب|أسلاك\ (?:ال)?كهرب|(?:电线|電線)(?:\w{0,3})(?:掉|断|斷|落|垂|火花)|触电|觸電|감전",
    ),
    _danger(
        "trapped or collapse",
        "",
        r"\batrapad[oa]s?\b|\bse\ (?:est[aá]\ )?(?:derrumb\w+|cay[oó]\ (?:el\ techo|la\ pared|el\ edificio|una\ pared|el\ muro)|hundi[oó]\ la\ calle)|\bderrumbe|\bsocav[oó]n|\bse\ est[aá]\ ahogando|\bcoinc[eé]e?s?\ (?:dans|sous)|\bpi[eé]g[eé]e?s?\ (?:dans|sous)|\beffondr|\bpres[oa]s?\ n[oa]\ (?:elevador|carro|pr[eé]dio|escombro)|\bdesab|\bkole\ (?:anba|nan\ (?:asans|kay|machin))|\bbloke\ (?:anba|nan\ (?:asans|kay|machin))|\befondre|\btonbe\ sou|\bmắc\ kẹt|\b(?:nhà|tường|mái|đường)\ (?:\w+\ )?(?:sập|sụp)|\bbị\ sập|\bđuối\ nước|застрял\w*\ (?:в|под)\ (?!пробк)|обруш|обвал|провалил|тонет|محاصر|عالق|انهار|انهيار|被困|困在(?!堵|车流)|倒塌|塌陷|坍塌|塌了|溺水|갇혔|붕괴",
    ),
    _danger(
        "hurt or unconscious person",
        "",
        r"\bno\ (?:puede\ )?respir|\binconsciente|\bdesmay|\bsobredosis|\b(?:ataque\ al\ coraz[oó]n|infarto|convulsi)|\bsangr(?:ando|a\ mucho)|\bherid[oa]s?\b|\batropell|\btirad[oa]\ en\ (?:la|el)\ (?:calle|suelo|acera|piso)\b.*\b(?:no|persona|hombre|mujer|se[nñ]or)|\b(?:hombre|mujer|persona|se[nñ]or|se[nñ]ora|ni[nñ][oa])\ (?:\w+\ ){0,3}(?:tirad[oa]|no\ se\ mueve|no\ responde)|\bne\ respire\ (?:pas|plus)|\binconscient|\bsaigne|\bbless[eé]e?s?\b|\bn[aã]o\ (?:est[aá]\ )?respira|\bdesmaiad|\bferid[oa]|\bbalead|\batropelad|\bpa\ (?:ka\ )?respire|\bsan\ konesans|\bpèdi\ konesans|\bap\ senyen|\bblese|\bbất\ tỉnh|\b(?:không|ngừng)\ thở|\bchảy\ (?:nhiều\ )?máu|\bngất|\bsốc\ thuốc|без\ сознания|не\ дышит|истекает\ кровью|передозиров|сердечн\w+\ приступ|ранен|сбил[аи]?\ (?:человек|женщин|мужчин|ребен|пешеход)|فاقد(?:ة)?\ (?:ال)?وعي|لا\ يتنفس|ينزف|昏倒|晕倒|暈倒|昏迷|没有?呼吸|沒有?呼吸|不呼吸|流血|出血|心脏病发|过量|受伤|受傷|被车撞|被車撞|쓰러",
    ),
    _danger(
        "violence or weapons",
        "",
        r"\b(?:disparos|disparando|dispararon|tiroteo|balacera|balazos?|apu[nñ]al)|\bhombre\ armado|\barmad[oa]s?\b|\bcon\ (?:una?\ )?(?:pistola|arma|cuchillo|machete)|\bcoups?\ de\ feu|\b(?:tire|tirent|tirs)\ (?:dans|sur)\b|\bavec\ (?:une?\ )?(?:arme|couteau|pistolet)|\bpoignard|\btiroteio|\btiros\b|\bcom\ (?:uma?\ )?(?:arma|faca|pistola)|\besfaque|\bkout\ (?:kouto|zam)|\bap\ tire|\bzam\ nan\ men|\bgen\ (?:yon\ )?(?:zam|kouto)|\b(?:nổ|tiếng|có|cầm)\ súng|\bbắn\ (?:nhau|súng|người)|\bcầm\ dao|\bđâm\ (?:người|nhau)|стреля|стрельб|выстрел|с\ (?:ножом|оружием|пистолетом)|избива|إطلاق\ (?:ال)?(?:نار|رصاص)|مسلح|سكين|枪击|槍擊|开枪|開槍|枪声|槍聲|持枪|持刀|砍人|拿着(?:枪|刀)|杀人|爆炸|\bexplosi[oóã]|\beksplozyon|взрыв|انفجار|nổ\ lớn|칼을|총(?:소리|을|격)|កាំភ្លើង",
    ),
    _danger(
        "suicide",
        "",
        r"\b(?:quiero|voy\ a)\ (?:morir(?:me)?|matarme)|\bsuicid|\bquitarme\ la\ vida|\bme\ (?:suicider|tuer)\b|\bveux\ mourir|\b(?:quero|vou)\ (?:morrer|me\ matar)|\bvle\ mouri|\btouye\ tèt|\btự\ (?:tử|sát)|\bmuốn\ chết|покончить\ с\ собой|хочу\ умереть|самоубий|انتحار|أريد\ أن\ أموت|自杀|自殺|不想活|想死|跳楼|跳樓|자살",
        r"de\ (?:la\ )?risa|de\ rire|de\ rir",
    ),
    _danger(
        "child in danger",
        "",
        r"\b(?:ni[nñ][oa]s?|beb[eé])\ (?:\w+\ ){0,4}(?:sol[oa]s?|abandonad|encerrad|perdid)|\b(?:enfant|b[eé]b[eé])\ (?:\w+\ ){0,4}(?:seule?|abandonn|enferm)|\b(?:crian[cç]a|beb[eê])\ (?:\w+\ ){0,4}(?:sozinh|abandonad|tranca)|\b(?:timoun|ti\ bebe|bebe)\ (?:\w+\ ){0,4}(?:poukont|pou\ kont|sèl)|\b(?:trẻ|em|đứa)\ (?:\w+\ ){0,4}(?:một\ mình|bị\ bỏ)|реб[её]н\w+\ (?:\w+\ ){0,3}(?:один|одна|заперт)|طفل\ (?:\w+\ ){0,3}(?:وحد|وحيد)|(?:小孩|孩子|婴儿|嬰兒)\w{0,8}(?:独自|獨自|一个人|一個人|锁在|鎖在)",
    ),
)

TRIGGERS_ELSEWHERE = frozenset(word for trigger in _TRIGGERS_ELSEWHERE for word in words(trigger))
TRIGGERS = frozenset().union(*(danger.triggers for danger in ENGLISH))
