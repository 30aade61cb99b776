"""Wording of advice on one person's health, for the reply guard: patterns, as in its words."""

_MEDICINES = """
    abilify acamprosate adderall agomelatine alprazolam amitriptyline amphetamine antabuse
    aripiprazole asenapine atarax ativan atomoxetine benadryl benzodiazepine benzodiazepines
    brexpiprazole buprenorphine bupropion buspar buspirone butrans carbamazepine cariprazine
    celexa chlordiazepoxide chlorpromazine cipralex citalopram clomipramine clonazepam clonidine
    clozapine codeine concerta cymbalta depakote desipramine desvenlafaxine dexamfetamine
    dextroamphetamine diazepam diphenhydramine disulfiram divalproex donepezil doxepin
    doxylamine duloxetine effexor elvanse escitalopram esketamine eszopiclone fentanyl
    fluoxetine fluphenazine fluvoxamine gabapentin geodon guanfacine haldol haloperidol
    hydroxyzine ibuprofen imipramine ketamine klonopin lamictal lamotrigine latuda
    levomilnacipran lexapro librium lisdexamfetamine lithium loratadine lorazepam lunesta
    lurasidone luvox lyrica melatonin methadone methylphenidate metoprolol mirtazapine modafinil
    moclobemide naltrexone nardil nortriptyline olanzapine oxazepam oxcarbazepine oxycodone
    paliperidone pamelor paracetamol paroxetine paxil phenelzine prazosin pregabalin pristiq
    propranolol prozac quetiapine ramelteon remeron reboxetine risperdal risperidone ritalin
    saphris seroquel sertraline sildenafil sinequan strattera stilnox suboxone subutex temazepam
    thorazine topamax topiramate tramadol tranylcypromine trazodone trintellix tylenol valium
    valproate varenicline venlafaxine viibryd vilazodone vivitrol vortioxetine vyvanse
    wellbutrin xanax zaleplon ziprasidone zoloft zolpidem zopiclone zyprexa
"""
_MEDICATION = (
    r"(?:medications?|medicines?|meds|pills?|tablets?|dose|doses|dosage|antidepressants?|"
    r"anti-?anxiety|sleeping (?:pills?|aids?)|ssris?|snris?|benzos?|prescriptions?|supplements?|"
    r"st\.? john's wort|painkillers?|mood stabili[sz]ers?|antipsychotics?|stimulants?)"
)
_CONDITIONS = (
    r"(?:depress(?:ion|ive)|anxiety|bipolar|c-?ptsd|ptsd|post-?traumatic stress|adhd|ocd|bpd|"
    r"borderline|narcissis[mt]\w*|autis[mt]\w*|asperger\w*|schizo\w+|psychosis|psychotic|mania|"
    r"panic (?:disorder|attacks)|(?:an )?eating disorder|anorexia|bulimia|(?:an )?addiction|"
    r"alcoholism|insomnia|dissociati\w+|postnatal|postpartum|dysthymia|personality disorder|"
    r"(?:mood|stress|adjustment|attachment|obsessive)[a-z -]{0,20} disorder|agoraphobia|"
    r"social phobia|codependen\w+|(?:complex |childhood )?trauma\b)"
)
_HOW = (
    r"(?:a |an |the |some |signs of |symptoms of |mild |moderate |severe |clinical |"
    r"major |chronic |"
    r"classic |typical |untreated |undiagnosed |complex |generali[sz]ed |social |a case of |"
    r"a form of |from |[a-z]+ and |[a-z]+ or )"
)
_NOT_IF = r"(?<!if )(?<!when )(?<!whether )(?<!unless )(?<!once )(?<!where )(?<!that )(?<!because )"
_MAYBE = (
    r"(?: probably| clearly| may| might| definitely| likely| almost certainly| do| could well|"
    r" seem to| appear to| also| most likely| obviously| really)"
)

# Advice on one person's health, given in public to somebody whom nobody has examined.
ADVICE = (
    rf"(?:{'|'.join(_MEDICINES.split())})",
    r"(?:\d{1,4}(?:[.,]\d{1,2})?|one|two|three|half a|a few|another|an extra) ?(?:mg|mcg|"
    r"milligrams?|micrograms?|ml|tablets?|pills?|"
    r"capsules?|drops)",
    rf"(?<!nobody should )(?<!not )(?<!never )"
    rf"(?:stop|start|keep|quit|continue|begin|come off|go off|get off|taper(?: off)?|"
    rf"increase|raise|"
    rf"lower|reduce|skip|halve|double|cut down(?: on)?)"
    rf"(?: taking| on| off| with| using)?(?: your| the| any| some| these| those| all| an?)? "
    rf"(?:[a-z]+ )?{_MEDICATION}",
    rf"(?:you(?: should| could| must| need to| can| might| may want to| ought to)?|please|"
    rf"i (?:would|suggest you|recommend you)) (?:take|try|avoid|change|adjust|ask for) "
    rf"(?:your |the |any |some |these |those |an? )?(?:[a-z]+ )?{_MEDICATION}",
    r"(?:stop|start|quit|keep|continue) taking "
    r"(?!things?\b|it (?:all |so |too )?(?:personal|to heart|out|upon|on)|on\b|everything|"
    r"that personally|responsibility|care\b|calls|part\b|time|notes?\b|breaks?|walks?|small|part\b|"
    r"the blame|them for granted|him|her|me|us|steps)\w+",
    r"you (?:should|must|need to|ought to|have to|had better|could) (?:really |try to |also )?take "
    r"(?!care|time|a break|breaks|a walk|walks|a deep|a breath|a moment|a look|a step|one|part|"
    r"notes?\b|it (?:slow|easy|one|gently|at)|heart|comfort|your time|up\b|things|space|rest|small|"
    r"a rest|a day|days|all the|as (?:much|long)|responsibility|on\b|pride|the time|what|"
    r"whatever)\w+",
    r"(?:your|the right|a higher|a lower|a different) (?:dose|dosage|medications?|"
    r"prescription|meds)",
    rf"{_NOT_IF}(?:you|he|she|they)(?:{_MAYBE})?(?: don't| do not| doesn't)?(?: have|"
    rf"'ve got| have got| has| are suffering| "
    rf"is suffering| suffer| are showing| show| are experiencing| are having|'re having|"
    rf"'re suffering|'re showing) (?:{_HOW}){{0,4}}{_CONDITIONS}",
    rf"{_NOT_IF}(?:you|he|she|they)(?: are|'re|'s| is| sound| seem| may be| might be| must be|"
    r" could be| are probably| are clearly)(?: a| an| clinically| severely| mildly| quite| very|"
    r" clearly| probably| most likely)* (?:depressed|bipolar|autistic|psychotic|"
    r"narcissis\w+|addict|"
    r"addicted|alcoholic|codependent|traumati[sz]ed|borderline|manic|suicidal|dissociating|adhd|"
    r"schizophrenic|anorexic|bulimic)",
    rf"(?:as (?:if|though)|like|that) (?:you|he|she|they)(?: may| might| could| probably| also)*"
    rf"(?: have|'ve| has| suffer from| are suffering from| are| is) (?:{_HOW}){{0,3}}{_CONDITIONS}",
    rf"you(?: may| might| do| will| clearly| probably)? (?:need|require|could use|should be on)"
    rf"(?: to be on| to go on| some| a| an| stronger| better)? {_MEDICATION}",
    rf"(?:sounds?|looks?|seems?|reads?)(?: very much| a lot| to me)* like (?:{_HOW}){{0,4}}"
    rf"{_CONDITIONS}",
    rf"(?:this|that|it|these|those|what you describe) (?:is|are)(?: probably| clearly|"
    rf" likely| all)? "
    rf"(?:{_HOW}){{1,4}}{_CONDITIONS}",
    r"your symptoms (?:are|sound|look|suggest|point|fit)",
    rf"(?:the|your) (?:new |old |other )?{_MEDICATION} (?:that )?(?:i|we)",
    r"(?:your|my) diagnosis(?: is| of| would be)?",
    r"(?:i|we)(?: would|'d)? (?:diagnose|prescribe|recommend that you take|advise you to "
    r"(?:take|stop|start|leave))",
    r"you (?:should|must|need to|ought to|have to|had better) (?:really |definitely |try to )?"
    r"(?:leave|divorce|report|confront|cut (?:off|contact)|break up|move out|quit your job|"
    r"be hospitali[sz]ed)",
    r"you (?:do not|don't) need (?:a doctor|to see a doctor|medication|therapy|treatment|help)",
)
