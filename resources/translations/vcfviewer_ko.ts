<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko_KR">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About vcfviewer</source>
        <translation>vcfviewer 정보</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>페이지</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>정보(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Model card</source>
        <translation>모델 카드(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Licences</source>
        <translation>라이선스(&amp;L)</translation>
    </message>
    <message>
        <source>All &amp;keys…</source>
        <translation>모든 단축키(&amp;K)…</translation>
    </message>
    <message>
        <source>&amp;Copy versions</source>
        <translation>버전 복사(&amp;C)</translation>
    </message>
    <message>
        <source>The program&apos;s icon</source>
        <translation>프로그램 아이콘</translation>
    </message>
    <message>
        <source>Review vertebral compression fractures beside a model&apos;s predictions.</source>
        <translation>척추 압박골절을 모델의 예측과 나란히 놓고 검토합니다.</translation>
    </message>
    <message>
        <source>No part of this program is a medical device. Predictions, heights and grades are suggestions to be checked by a reader who is qualified to judge radiographs; none may decide on a patient.</source>
        <translation>이 프로그램은 어느 부분도 의료기기가 아닙니다. 예측, 높이, 등급은 방사선 영상을 판독할 자격이 있는 판독자가 확인해야 하는 제안일 뿐이며, 환자에 대한 결정의 근거가 될 수 없습니다.</translation>
    </message>
    <message>
        <source>Your films stay on your computer: nothing is sent anywhere. Your edits are kept in a journal beside the films, and the expert&apos;s first file is kept as it was.</source>
        <translation>필름은 이 컴퓨터에만 있으며 어디로도 전송되지 않습니다. 편집 내용은 필름 옆의 작업 기록에 보관되고, 전문가의 첫 파일은 원래 그대로 보존됩니다.</translation>
    </message>
    <message>
        <source>No model is in use. Choose one in the menu of models.</source>
        <translation>사용 중인 모델이 없습니다. 모델 메뉴에서 하나를 고르십시오.</translation>
    </message>
    <message>
        <source>Licence of vcfviewer</source>
        <translation>vcfviewer 라이선스</translation>
    </message>
    <message>
        <source>Package</source>
        <translation>패키지</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>버전</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>라이선스</translation>
    </message>
    <message>
        <source>Licences of the packages</source>
        <translation>패키지 라이선스</translation>
    </message>
    <message>
        <source>It runs on these packages; labelme is started as a program of its own:</source>
        <translation>다음 패키지로 동작합니다. labelme는 별도의 프로그램으로 실행됩니다:</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Put this message away</source>
        <translation>이 메시지 치우기</translation>
    </message>
</context>
<context>
    <name>Captions</name>
    <message>
        <source>accepted</source>
        <translation>수락함</translation>
    </message>
    <message>
        <source>accepted with edit</source>
        <translation>고쳐서 수락함</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>거부함</translation>
    </message>
</context>
<context>
    <name>CardView</name>
    <message>
        <source>Mask AP50, all levels</source>
        <translation>마스크 AP50, 모든 분절</translation>
    </message>
    <message>
        <source>Mask AP50:95, all levels</source>
        <translation>마스크 AP50:95, 모든 분절</translation>
    </message>
    <message>
        <source>Fractures found, level right</source>
        <translation>찾은 골절, 분절 일치</translation>
    </message>
    <message>
        <source>Fractures found, any level</source>
        <translation>찾은 골절, 분절 무관</translation>
    </message>
    <message>
        <source>Findings that are right</source>
        <translation>옳은 소견의 비율</translation>
    </message>
    <message>
        <source>Sensitivity by film</source>
        <translation>필름별 민감도</translation>
    </message>
    <message>
        <source>Specificity by film</source>
        <translation>필름별 특이도</translation>
    </message>
    <message>
        <source>Area under the ROC curve, by film</source>
        <translation>필름별 ROC 곡선 아래 면적</translation>
    </message>
    <message>
        <source>IoU of pairs</source>
        <translation>짝의 IoU</translation>
    </message>
    <message>
        <source>({low} to {high})</source>
        <translation>({low}~{high})</translation>
    </message>
    <message>
        <source>Intended use: {text}</source>
        <translation>사용 목적: {text}</translation>
    </message>
    <message>
        <source>Known failures</source>
        <translation>알려진 한계</translation>
    </message>
    <message>
        <source>None are named in the card. That does not mean that there are none.</source>
        <translation>카드에 적힌 것이 없습니다. 그렇다고 한계가 없다는 뜻은 아닙니다.</translation>
    </message>
    <message>
        <source>What it learned from</source>
        <translation>학습 자료</translation>
    </message>
    <message>
        <source>{short} by {long} pixels</source>
        <translation>{short} × {long} 픽셀</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>계열</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>레이블</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>입력</translation>
    </message>
    <message>
        <source>Score threshold</source>
        <translation>점수 임계값</translation>
    </message>
    <message>
        <source>Made on</source>
        <translation>만든 날</translation>
    </message>
    <message>
        <source>Weights, SHA-256</source>
        <translation>가중치, SHA-256</translation>
    </message>
    <message>
        <source>Figures, with 95 % intervals</source>
        <translation>수치와 95 % 신뢰구간</translation>
    </message>
    <message>
        <source>This model was not evaluated: nobody knows how good it is.</source>
        <translation>이 모델은 평가되지 않았습니다. 얼마나 좋은지 아무도 모릅니다.</translation>
    </message>
    <message>
        <source>Measured on {films} films, with a score threshold of {threshold}.</source>
        <translation>필름 {films}장, 점수 임계값 {threshold}에서 측정했습니다.</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>모델 카드</translation>
    </message>
</context>
<context>
    <name>CaseSession</name>
    <message>
        <source>set by the reader</source>
        <translation>판독자가 지정</translation>
    </message>
    <message>
        <source>from the film&apos;s file</source>
        <translation>필름 파일에서</translation>
    </message>
    <message>
        <source>from the annotation</source>
        <translation>주석에서</translation>
    </message>
    <message>
        <source>assumed: see the settings</source>
        <translation>가정: 설정 참조</translation>
    </message>
    <message>
        <source>mm (calibrated by the reader)</source>
        <translation>mm (판독자가 보정)</translation>
    </message>
    <message>
        <source>mm (calibrated)</source>
        <translation>mm (보정됨)</translation>
    </message>
    <message>
        <source>mm (corrected for magnification)</source>
        <translation>mm (확대율 보정)</translation>
    </message>
    <message>
        <source>mm (detector plane)</source>
        <translation>mm (검출기 면)</translation>
    </message>
    <message>
        <source>Measuring heights</source>
        <translation>높이 측정</translation>
    </message>
</context>
<context>
    <name>ClosingDialog</name>
    <message>
        <source>A training is running</source>
        <translation>학습이 진행 중입니다</translation>
    </message>
    <message>
        <source>&amp;Let it go on, and close</source>
        <translation>학습을 계속하고 닫기(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Stop it, and close</source>
        <translation>학습을 멈추고 닫기(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Don&apos;t close</source>
        <translation>닫지 않기(&amp;D)</translation>
    </message>
    <message>
        <source>Training: {runs}</source>
        <translation>학습: {runs}</translation>
    </message>
    <message>
        <source>It can go on without the window, and is found again in the training dialog. If you stop it, it saves what it learned and can be resumed later.</source>
        <translation>창이 없어도 계속되며 학습 대화상자에서 다시 찾을 수 있습니다. 멈추면 그때까지 학습한 내용을 저장하고 나중에 이어서 할 수 있습니다.</translation>
    </message>
</context>
<context>
    <name>CommentDialog</name>
    <message>
        <source>Flag and comment</source>
        <translation>표시와 메모</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>메모</translation>
    </message>
    <message>
        <source>What somebody should look at again, and why</source>
        <translation>다시 볼 것과 그 이유</translation>
    </message>
    <message>
        <source>&amp;Flag this film</source>
        <translation>이 필름 표시(&amp;F)</translation>
    </message>
    <message>
        <source>Ctrl+Return takes the comment, Esc leaves it as it was.</source>
        <translation>Ctrl+Return: 메모 저장, Esc: 그대로 두기.</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>mask AP50</source>
        <translation>마스크 AP50</translation>
    </message>
    <message>
        <source>mask AP50:95</source>
        <translation>마스크 AP50:95</translation>
    </message>
    <message>
        <source>sensitivity, films</source>
        <translation>민감도, 필름</translation>
    </message>
    <message>
        <source>specificity, films</source>
        <translation>특이도, 필름</translation>
    </message>
    <message>
        <source>area under the ROC curve, films</source>
        <translation>ROC 곡선 아래 면적, 필름</translation>
    </message>
    <message>
        <source>sensitivity, fractures at any level</source>
        <translation>민감도, 골절(분절 무관)</translation>
    </message>
    <message>
        <source>precision, fractures at any level</source>
        <translation>정밀도, 골절(분절 무관)</translation>
    </message>
    <message>
        <source>IoU of pairs</source>
        <translation>짝의 IoU</translation>
    </message>
    <message>
        <source>level named rightly, of pairs</source>
        <translation>분절을 맞힌 짝의 비율</translation>
    </message>
    <message>
        <source>({low} to {high})</source>
        <translation>({low}~{high})</translation>
    </message>
    <message>
        <source>{figure}, n {number}</source>
        <translation>{figure}, n {number}</translation>
    </message>
    <message>
        <source>no clear difference</source>
        <translation>뚜렷한 차이 없음</translation>
    </message>
    <message>
        <source>new is better</source>
        <translation>새 모델이 나음</translation>
    </message>
    <message>
        <source>new is worse</source>
        <translation>새 모델이 못함</translation>
    </message>
    <message>
        <source>old {old}; new {new}</source>
        <translation>이전 {old}; 새 모델 {new}</translation>
    </message>
    <message>
        <source>Films to compare on</source>
        <translation>비교할 필름</translation>
    </message>
    <message>
        <source>the data of the training</source>
        <translation>학습에 쓴 자료</translation>
    </message>
    <message>
        <source>Split into parts</source>
        <translation>자료 나눔</translation>
    </message>
    <message>
        <source>split.json in that folder, if there is one</source>
        <translation>그 폴더의 split.json (있는 경우)</translation>
    </message>
    <message>
        <source>Splits (*.json)</source>
        <translation>자료 나눔 (*.json)</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>비교(&amp;C)</translation>
    </message>
    <message>
        <source>C&amp;ancel</source>
        <translation>취소(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Use the new model</source>
        <translation>새 모델 사용(&amp;U)</translation>
    </message>
    <message>
        <source>Open both &amp;reports</source>
        <translation>두 보고서 열기(&amp;R)</translation>
    </message>
    <message>
        <source>Figures of both models</source>
        <translation>두 모델의 수치</translation>
    </message>
    <message>
        <source>{films} films, {fractures} fractures. Score thresholds: old {old}, new {new}. Intervals are of 95 %; a difference is called clear where they don&apos;t overlap.</source>
        <translation>필름 {films}장, 골절 {fractures}개. 점수 임계값: 이전 {old}, 새 모델 {new}. 구간은 95 %이며, 겹치지 않을 때 차이가 뚜렷하다고 합니다.</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>수치</translation>
    </message>
    <message>
        <source>Old</source>
        <translation>이전</translation>
    </message>
    <message>
        <source>New</source>
        <translation>새 모델</translation>
    </message>
    <message>
        <source>0 to 1: old ● new ■</source>
        <translation>0~1: 이전 ● 새 모델 ■</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>차이</translation>
    </message>
    <message>
        <source>&amp;Old model</source>
        <translation>이전 모델(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;New model</source>
        <translation>새 모델(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Films</source>
        <translation>필름(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Split</source>
        <translation>나눔(&amp;S)</translation>
    </message>
    <message>
        <source>New &amp;threshold</source>
        <translation>새 임계값(&amp;T)</translation>
    </message>
    <message>
        <source>as its card says</source>
        <translation>카드에 적힌 대로</translation>
    </message>
    <message>
        <source>film specificity on the validation films: </source>
        <translation>검증 필름에서의 필름 특이도: </translation>
    </message>
    <message>
        <source>Film specificity at which the new model&apos;s threshold is fixed</source>
        <translation>새 모델의 임계값을 정할 필름 특이도</translation>
    </message>
    <message>
        <source>Old model</source>
        <translation>이전 모델</translation>
    </message>
    <message>
        <source>New model</source>
        <translation>새 모델</translation>
    </message>
    <message>
        <source>Progress of the comparison</source>
        <translation>비교 진행</translation>
    </message>
    <message>
        <source>The comparison was broken off.</source>
        <translation>비교를 중단했습니다.</translation>
    </message>
    <message>
        <source>Choose two models, and a folder of labelled films that neither learned from.</source>
        <translation>두 모델과, 어느 쪽도 학습하지 않은 레이블된 필름 폴더를 고르십시오.</translation>
    </message>
</context>
<context>
    <name>ConflictDialog</name>
    <message>
        <source>added</source>
        <translation>추가됨</translation>
    </message>
    <message>
        <source>deleted</source>
        <translation>삭제됨</translation>
    </message>
    <message>
        <source>{old} is now {new}</source>
        <translation>{old} → {new}</translation>
    </message>
    <message>
        <source>outline changed</source>
        <translation>윤곽선 바뀜</translation>
    </message>
    <message>
        <source>notes changed</source>
        <translation>기록 바뀜</translation>
    </message>
    <message>
        <source>as it was</source>
        <translation>그대로</translation>
    </message>
    <message>
        <source>The file was changed by another program</source>
        <translation>다른 프로그램이 파일을 바꾸었습니다</translation>
    </message>
    <message>
        <source>&amp;Keep this</source>
        <translation>이대로 두기(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Not now</source>
        <translation>나중에(&amp;N)</translation>
    </message>
    <message>
        <source>Nothing is written; your edits stay in the journal.</source>
        <translation>아무것도 쓰지 않습니다. 편집 내용은 작업 기록에 남습니다.</translation>
    </message>
    <message>
        <source>&amp;Shape by shape</source>
        <translation>도형마다(&amp;S)</translation>
    </message>
    <message>
        <source>All &amp;mine</source>
        <translation>모두 내 것(&amp;M)</translation>
    </message>
    <message>
        <source>All &amp;theirs</source>
        <translation>모두 상대 것(&amp;T)</translation>
    </message>
    <message>
        <source>Mine: solid, orange. Theirs: dashed, blue. What you keep is filled.</source>
        <translation>내 것: 주황 실선. 상대 것: 파랑 파선. 남길 것은 칠해집니다.</translation>
    </message>
    <message>
        <source>While this film was open here, another program wrote its file. “Mine” is what stands here, “theirs” is what lies on the disk. What you don&apos;t keep stays in the journal and can be undone.</source>
        <translation>이 필름이 여기 열려 있는 동안 다른 프로그램이 파일을 썼습니다. ‘내 것’은 여기 있는 내용, ‘상대 것’은 디스크에 있는 내용입니다. 남기지 않은 것도 작업 기록에 남아 되돌릴 수 있습니다.</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>도형</translation>
    </message>
    <message>
        <source>Mine</source>
        <translation>내 것</translation>
    </message>
    <message>
        <source>Theirs</source>
        <translation>상대 것</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>남길 것</translation>
    </message>
    <message>
        <source>Shapes that differ</source>
        <translation>서로 다른 도형</translation>
    </message>
    <message>
        <source>Keep of {shape}</source>
        <translation>{shape}에서 남길 것</translation>
    </message>
    <message>
        <source>choose…</source>
        <translation>고르기…</translation>
    </message>
    <message>
        <source>mine</source>
        <translation>내 것</translation>
    </message>
    <message>
        <source>theirs</source>
        <translation>상대 것</translation>
    </message>
    <message>
        <source>Both changed: {shapes}. Choose mine or theirs for each.</source>
        <translation>양쪽 모두 바꿈: {shapes}. 각각 내 것이나 상대 것을 고르십시오.</translation>
    </message>
    <message>
        <source>The film would have {count} fractures: {labels}</source>
        <translation>이 필름의 골절은 {count}개가 됩니다: {labels}</translation>
    </message>
    <message>
        <source>Keep mine over another program&apos;s change</source>
        <translation>다른 프로그램의 변경 대신 내 것 유지</translation>
    </message>
    <message>
        <source>Take another program&apos;s change</source>
        <translation>다른 프로그램의 변경 받기</translation>
    </message>
    <message>
        <source>Join with another program&apos;s change</source>
        <translation>다른 프로그램의 변경과 합치기</translation>
    </message>
</context>
<context>
    <name>Deciding</name>
    <message>
        <source>{film} is being opened. Go on once it is there.</source>
        <translation>{film}을(를) 여는 중입니다. 열린 뒤에 계속하세요.</translation>
    </message>
    <message>
        <source>Choose a finding first: N goes to the next disagreement.</source>
        <translation>먼저 소견을 고르십시오. N: 다음 불일치로 이동.</translation>
    </message>
    <message>
        <source>Accept {label}</source>
        <translation>{label} 수락</translation>
    </message>
    <message>
        <source>The model&apos;s findings on this film are all decided.</source>
        <translation>이 필름의 모델 소견은 모두 결정되었습니다.</translation>
    </message>
    <message>
        <source>Accept all findings</source>
        <translation>모든 소견 수락</translation>
    </message>
    <message>
        <source>There is no finding of the model&apos;s to reject here. An expert&apos;s finding is deleted with Del.</source>
        <translation>여기에는 거부할 모델 소견이 없습니다. 전문가 소견은 Del로 지웁니다.</translation>
    </message>
    <message>
        <source>Reject {label}</source>
        <translation>{label} 거부</translation>
    </message>
    <message>
        <source>Take the decision back</source>
        <translation>결정 취소</translation>
    </message>
    <message>
        <source>Choose a finding of the model&apos;s to copy.</source>
        <translation>복사할 모델 소견을 고르십시오.</translation>
    </message>
    <message>
        <source>Copy {label}</source>
        <translation>{label} 복사</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>메모</translation>
    </message>
    <message>
        <source>Review of the film</source>
        <translation>필름 검토</translation>
    </message>
    <message>
        <source>Accept the finding first: attributes belong to the reader&apos;s own shape.</source>
        <translation>먼저 소견을 수락하십시오. 속성은 판독자의 도형에 붙습니다.</translation>
    </message>
    <message>
        <source>Grade</source>
        <translation>등급</translation>
    </message>
    <message>
        <source>Attributes</source>
        <translation>속성</translation>
    </message>
    <message>
        <source>Relabel to {label}</source>
        <translation>{label}(으)로 레이블 변경</translation>
    </message>
    <message>
        <source>Select a shape to relabel first.</source>
        <translation>먼저 레이블을 바꿀 도형을 선택하십시오.</translation>
    </message>
    <message>
        <source>Shift all levels</source>
        <translation>모든 분절 옮기기</translation>
    </message>
    <message>
        <source>Facing</source>
        <translation>방향</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>보정</translation>
    </message>
    <message>
        <source>Commit the first read</source>
        <translation>1차 판독 확정</translation>
    </message>
    <message>
        <source>Commit your first read before that; the model&apos;s findings stay hidden till then.</source>
        <translation>먼저 1차 판독을 확정하세요. 그때까지 모델의 소견은 숨겨집니다.</translation>
    </message>
    <message>
        <source>this finding was deleted: there is nothing to accept; undo brings it back</source>
        <translation>이 소견은 삭제되어 수락할 것이 없습니다. 실행 취소로 되살릴 수 있습니다</translation>
    </message>
</context>
<context>
    <name>Display</name>
    <message>
        <source>by hand</source>
        <translation>수동</translation>
    </message>
    <message>
        <source>full range</source>
        <translation>전체 범위</translation>
    </message>
    <message>
        <source>more contrast</source>
        <translation>대비 높게</translation>
    </message>
    <message>
        <source>less contrast</source>
        <translation>대비 낮게</translation>
    </message>
    <message>
        <source>this part</source>
        <translation>이 부분</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>자동</translation>
    </message>
</context>
<context>
    <name>ErrorBanner</name>
    <message>
        <source>Errors</source>
        <translation>오류</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>오류</translation>
    </message>
    <message>
        <source>Details of the error</source>
        <translation>오류의 자세한 내용</translation>
    </message>
    <message>
        <source>&amp;Details</source>
        <translation>자세히(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Copy text</source>
        <translation>텍스트 복사(&amp;C)</translation>
    </message>
    <message>
        <source>Clo&amp;se</source>
        <translation>닫기(&amp;S)</translation>
    </message>
    <message>
        <source>Errors behind this one: {count}</source>
        <translation>이 뒤의 오류: {count}개</translation>
    </message>
</context>
<context>
    <name>ErrorText</name>
    <message>
        <source>You can read the other films. Check this file in another program.</source>
        <translation>다른 필름은 계속 판독할 수 있습니다. 이 파일을 다른 프로그램에서 확인해 보십시오.</translation>
    </message>
    <message>
        <source>The file is left just as it is, and nothing is written to it. Mend it or move it away.</source>
        <translation>파일은 그대로 두며 아무것도 쓰지 않습니다. 파일을 고치거나 다른 곳으로 옮기십시오.</translation>
    </message>
    <message>
        <source>Your edit is safe in the journal and is saved as soon as the file can be written.</source>
        <translation>편집 내용은 작업 기록에 안전하게 있으며, 파일을 쓸 수 있게 되면 바로 저장됩니다.</translation>
    </message>
    <message>
        <source>Choose another model, or install this one again. You can read on.</source>
        <translation>다른 모델을 고르거나 이 모델을 다시 설치하십시오. 판독은 계속할 수 있습니다.</translation>
    </message>
    <message>
        <source>Change the setting that is named, and try again.</source>
        <translation>언급된 설정을 바꾸고 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>Change the data as the message says, and try again.</source>
        <translation>메시지대로 자료를 바꾸고 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>Start the training again: it goes on from its last checkpoint.</source>
        <translation>학습을 다시 시작하십시오. 마지막 체크포인트부터 이어집니다.</translation>
    </message>
    <message>
        <source>Close other programs, and try again. You can read on.</source>
        <translation>다른 프로그램을 닫고 다시 시도하십시오. 판독은 계속할 수 있습니다.</translation>
    </message>
    <message>
        <source>Ask for the right to use that file or folder, or choose another.</source>
        <translation>그 파일이나 폴더의 사용 권한을 요청하거나 다른 것을 고르십시오.</translation>
    </message>
    <message>
        <source>Check that the file or folder is still there, and try again.</source>
        <translation>파일이나 폴더가 아직 있는지 확인하고 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>Check the disk or the network, and try again.</source>
        <translation>디스크나 네트워크를 확인하고 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>You can read on.</source>
        <translation>판독은 계속할 수 있습니다.</translation>
    </message>
    <message>
        <source>This is a fault of the program; your edits are kept. Copy the text and send it to its makers.</source>
        <translation>프로그램의 결함입니다. 편집 내용은 보존됩니다. 텍스트를 복사해 만든 사람에게 보내 주십시오.</translation>
    </message>
    <message>
        <source>{doing}: {message}</source>
        <translation>{doing}: {message}</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>labelme JSON, for labelme and for training</source>
        <translation>labelme JSON (labelme와 학습용)</translation>
    </message>
    <message>
        <source>CSV tables of findings and decisions</source>
        <translation>소견과 결정의 CSV 표</translation>
    </message>
    <message>
        <source>COCO, polygons</source>
        <translation>COCO, 다각형</translation>
    </message>
    <message>
        <source>COCO, run-length masks</source>
        <translation>COCO, 런렝스 마스크</translation>
    </message>
    <message>
        <source>YOLO segmentation</source>
        <translation>YOLO 분할</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>내보내기</translation>
    </message>
    <message>
        <source>Folder for the export</source>
        <translation>내보낼 폴더</translation>
    </message>
    <message>
        <source>a new or empty folder</source>
        <translation>새 폴더나 빈 폴더</translation>
    </message>
    <message>
        <source>&amp;imageData: put a copy of the film into each labelme file</source>
        <translation>imageData(&amp;I): 각 labelme 파일에 필름 사본 넣기</translation>
    </message>
    <message>
        <source>&amp;De-identify: no names, dates and paths; films as plain PNG</source>
        <translation>비식별화(&amp;D): 이름, 날짜, 경로 없음; 필름은 일반 PNG</translation>
    </message>
    <message>
        <source>&amp;Export</source>
        <translation>내보내기(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Open folder</source>
        <translation>폴더 열기(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Train on it…</source>
        <translation>이것으로 학습(&amp;T)…</translation>
    </message>
    <message>
        <source>Ca&amp;ncel</source>
        <translation>취소(&amp;N)</translation>
    </message>
    <message>
        <source>Text that is burned into a picture stays in it. The export says which films may show some: look at each of them before you hand it on.</source>
        <translation>영상에 새겨진 글자는 그대로 남습니다. 글자가 보일 수 있는 필름은 내보낸 뒤에 알려 드립니다. 전달하기 전에 하나씩 확인하십시오.</translation>
    </message>
    <message>
        <source>Progress of the export</source>
        <translation>내보내기 진행</translation>
    </message>
    <message>
        <source>Films</source>
        <translation>필름</translation>
    </message>
    <message>
        <source>&amp;Selected in the worklist ({films})</source>
        <translation>작업 목록에서 선택한 것(&amp;S) ({films})</translation>
    </message>
    <message>
        <source>&amp;Reviewed ({films})</source>
        <translation>검토한 것(&amp;R) ({films})</translation>
    </message>
    <message>
        <source>&amp;All of the folder ({films})</source>
        <translation>폴더 전부(&amp;A) ({films})</translation>
    </message>
    <message>
        <source>The rows that are marked in the worklist; Ctrl and Shift mark several.</source>
        <translation>작업 목록에서 표시된 행입니다. Ctrl과 Shift로 여럿을 고릅니다.</translation>
    </message>
    <message>
        <source>The films that you called reviewed or without fracture.</source>
        <translation>검토함 또는 골절 없음으로 정한 필름입니다.</translation>
    </message>
    <message>
        <source>Every film of the folder that can be read.</source>
        <translation>폴더에서 읽을 수 있는 모든 필름입니다.</translation>
    </message>
    <message>
        <source>1 film</source>
        <translation>필름 1개</translation>
    </message>
    <message>
        <source>{count} films</source>
        <translation>필름 {count}개</translation>
    </message>
    <message>
        <source>Share of the patients to hold out for testing, never to be trained on</source>
        <translation>시험용으로 떼어 두고 학습에 쓰지 않을 환자의 비율</translation>
    </message>
    <message>
        <source>Formats</source>
        <translation>형식</translation>
    </message>
    <message>
        <source>Films in the export</source>
        <translation>내보낼 필름</translation>
    </message>
    <message>
        <source>&amp;Copies of the films: the folder can be handed on</source>
        <translation>필름 사본(&amp;C): 폴더째 전달할 수 있음</translation>
    </message>
    <message>
        <source>&amp;Paths to the films: small, and tied to this computer</source>
        <translation>필름 경로(&amp;P): 작지만 이 컴퓨터에서만 쓸 수 있음</translation>
    </message>
    <message>
        <source>none</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>Share of the patients to hold out for testing</source>
        <translation>시험용으로 떼어 둘 환자의 비율</translation>
    </message>
    <message>
        <source>Choose at least one format.</source>
        <translation>형식을 하나 이상 고르십시오.</translation>
    </message>
    <message>
        <source>Choose the folder for the export.</source>
        <translation>내보낼 폴더를 고르십시오.</translation>
    </message>
    <message>
        <source>There is no film to export.</source>
        <translation>내보낼 필름이 없습니다.</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>닫기(&amp;C)</translation>
    </message>
    <message>
        <source>Films: {train} for training, {held} held out, {skipped} left out. Files: {files}</source>
        <translation>필름: 학습용 {train}장, 떼어 둔 것 {held}장, 제외 {skipped}장. 파일: {files}개</translation>
    </message>
    <message>
        <source>Look at these before you hand the export on:</source>
        <translation>전달하기 전에 다음을 확인하십시오:</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>경고</translation>
    </message>
    <message>
        <source>Warnings of the export</source>
        <translation>내보내기 경고</translation>
    </message>
    <message>
        <source>Left out, and why:</source>
        <translation>제외된 것과 그 이유:</translation>
    </message>
    <message>
        <source>Film</source>
        <translation>필름</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>이유</translation>
    </message>
    <message>
        <source>Films that were left out</source>
        <translation>제외된 필름</translation>
    </message>
    <message>
        <source>Every film was written, and there is nothing to look at again.</source>
        <translation>모든 필름을 썼으며 다시 볼 것은 없습니다.</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>Comparing {film}</source>
        <translation>{film} 비교 중</translation>
    </message>
</context>
<context>
    <name>FilmDecision</name>
    <message>
        <source>Reviewed</source>
        <translation>검토함</translation>
    </message>
    <message>
        <source>No fracture here</source>
        <translation>골절 없음</translation>
    </message>
    <message>
        <source>Unusable</source>
        <translation>사용 불가</translation>
    </message>
    <message>
        <source>Accept all of this film</source>
        <translation>이 필름 모두 수락</translation>
    </message>
    <message>
        <source>Flag</source>
        <translation>표시</translation>
    </message>
    <message>
        <source>No film</source>
        <translation>필름 없음</translation>
    </message>
    <message>
        <source>Film: {status}</source>
        <translation>필름: {status}</translation>
    </message>
    <message>
        <source>Say that you looked and found no fracture. That isn&apos;t the same as an empty file.</source>
        <translation>살펴보았고 골절이 없음을 기록합니다. 빈 파일과는 다릅니다.</translation>
    </message>
    <message>
        <source>{count} findings stand on this film. Delete them first, if there is no fracture.</source>
        <translation>이 필름에 소견 {count}개가 있습니다. 골절이 없다면 먼저 지우십시오.</translation>
    </message>
    <message>
        <source>Flagged</source>
        <translation>표시됨</translation>
    </message>
    <message>
        <source>Mark the film, to come back to it or to ask a colleague</source>
        <translation>나중에 다시 보거나 동료에게 묻기 위해 필름을 표시합니다</translation>
    </message>
    <message>
        <source>Comment on this film</source>
        <translation>이 필름의 메모</translation>
    </message>
    <message>
        <source>reader not named</source>
        <translation>판독자 미상</translation>
    </message>
    <message>
        <source>Last by {reader}, {when} UTC.</source>
        <translation>마지막: {reader}, {when} UTC.</translation>
    </message>
    <message>
        <source>A blind first read was committed.</source>
        <translation>블라인드 1차 판독이 확정되었습니다.</translation>
    </message>
</context>
<context>
    <name>FilmFactsBar</name>
    <message>
        <source>Facts of the film</source>
        <translation>필름 정보</translation>
    </message>
    <message>
        <source>Warnings on the film</source>
        <translation>필름 경고</translation>
    </message>
    <message>
        <source>No film is open.</source>
        <translation>열린 필름이 없습니다.</translation>
    </message>
    <message>
        <source>{bits} bit</source>
        <translation>{bits}비트</translation>
    </message>
    <message>
        <source>inverted when shown (MONOCHROME1)</source>
        <translation>반전하여 표시 (MONOCHROME1)</translation>
    </message>
    <message>
        <source>not inverted</source>
        <translation>반전 안 함</translation>
    </message>
    <message>
        <source>mm not known</source>
        <translation>mm 알 수 없음</translation>
    </message>
    <message>
        <source>turned by EXIF</source>
        <translation>EXIF에 따라 회전</translation>
    </message>
    <message>
        <source>The file has an overlay, which isn&apos;t shown.</source>
        <translation>파일에 오버레이가 있으나 표시하지 않습니다.</translation>
    </message>
    <message>
        <source>A simulated film, not a patient.</source>
        <translation>모의 필름이며 환자가 아닙니다.</translation>
    </message>
    <message>
        <source>Set which way the patient faces, here or in the settings for all: heights need it.</source>
        <translation>높이를 재려면 환자가 향한 방향을 정하세요. 이 필름에서, 또는 설정에서 모든 필름에 대해 정할 수 있습니다.</translation>
    </message>
    <message>
        <source>facing not known</source>
        <translation>방향 알 수 없음</translation>
    </message>
</context>
<context>
    <name>FindingDecision</name>
    <message>
        <source>Accept and edit</source>
        <translation>수락하고 편집</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Pathological</source>
        <translation>병적 골절</translation>
    </message>
    <message>
        <source>Implant or cement</source>
        <translation>삽입물 또는 시멘트</translation>
    </message>
    <message>
        <source>Level is certain</source>
        <translation>분절 확실</translation>
    </message>
    <message>
        <source>No finding selected</source>
        <translation>선택된 소견 없음</translation>
    </message>
    <message>
        <source>suggestion {grade}</source>
        <translation>제안 {grade}</translation>
    </message>
    <message>
        <source>Take the model&apos;s outline as yours and go on shaping it</source>
        <translation>모델의 윤곽선을 내 것으로 받아 계속 다듬기</translation>
    </message>
    <message>
        <source>Take the decision on this finding back</source>
        <translation>이 소견의 결정 취소</translation>
    </message>
    <message>
        <source>Reject because of</source>
        <translation>거부 이유</translation>
    </message>
    <message>
        <source>Attributes belong to an outline of yours: accept the finding first.</source>
        <translation>속성은 내 윤곽선에 붙습니다. 먼저 소견을 수락하십시오.</translation>
    </message>
    <message>
        <source>Reject: {reason}</source>
        <translation>거부: {reason}</translation>
    </message>
    <message>
        <source>Acuity</source>
        <translation>급성도</translation>
    </message>
    <message>
        <source>Acuity: {acuity}</source>
        <translation>급성도: {acuity}</translation>
    </message>
    <message>
        <source>Your Genant &amp;grade</source>
        <translation>나의 Genant 등급(&amp;G)</translation>
    </message>
    <message>
        <source>not given</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>Your Genant grade</source>
        <translation>나의 Genant 등급</translation>
    </message>
    <message>
        <source>Kept</source>
        <translation>유지함</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>내 것 유지</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>수락함</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>수락</translation>
    </message>
</context>
<context>
    <name>FindingDetail</name>
    <message>
        <source>As first opened</source>
        <translation>처음 연 상태</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>현재</translation>
    </message>
    <message>
        <source>IoU</source>
        <translation>IoU</translation>
    </message>
    <message>
        <source>Dice</source>
        <translation>Dice</translation>
    </message>
    <message>
        <source>Boundary distance</source>
        <translation>경계 거리</translation>
    </message>
    <message>
        <source>Anterior</source>
        <translation>전방</translation>
    </message>
    <message>
        <source>Middle</source>
        <translation>중간</translation>
    </message>
    <message>
        <source>Posterior</source>
        <translation>후방</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>높이</translation>
    </message>
    <message>
        <source>Height loss</source>
        <translation>높이 감소</translation>
    </message>
    <message>
        <source>Height in {unit}</source>
        <translation>높이({unit})</translation>
    </message>
    <message>
        <source>Only the model has it, score {score}.</source>
        <translation>모델에만 있음, 점수 {score}.</translation>
    </message>
    <message>
        <source>Only the expert has it; the model has nothing here above the threshold.</source>
        <translation>전문가에게만 있음. 모델은 이곳에 임계값을 넘는 것이 없습니다.</translation>
    </message>
    <message>
        <source>Drawn by you; the model scores it {score}.</source>
        <translation>직접 그림. 모델의 점수는 {score}.</translation>
    </message>
    <message>
        <source>Expert: {expert}. Model: {model}, score {score}.</source>
        <translation>전문가: {expert}. 모델: {model}, 점수 {score}.</translation>
    </message>
    <message>
        <source>Model: {model}.</source>
        <translation>모델: {model}.</translation>
    </message>
    <message>
        <source>not given yet</source>
        <translation>아직 없음</translation>
    </message>
    <message>
        <source>Your Genant grade: {grade}</source>
        <translation>나의 Genant 등급: {grade}</translation>
    </message>
    <message>
        <source>Heights aren&apos;t measured. Set which way the patient faces.</source>
        <translation>높이를 재지 않았습니다. 환자가 향한 쪽을 지정하십시오.</translation>
    </message>
    <message>
        <source>px (millimetres not known)</source>
        <translation>px (밀리미터 알 수 없음)</translation>
    </message>
    <message>
        <source>six points set by hand</source>
        <translation>여섯 점 수동 지정</translation>
    </message>
    <message>
        <source>measured on the model&apos;s outline</source>
        <translation>모델 윤곽선에서 측정</translation>
    </message>
    <message>
        <source>measured on your outline</source>
        <translation>내 윤곽선에서 측정</translation>
    </message>
    <message>
        <source>Heights in {unit}, {whose}.</source>
        <translation>높이 단위 {unit}, {whose}.</translation>
    </message>
    <message>
        <source>Loss against this body&apos;s own posterior height: a single-vertebra estimate.</source>
        <translation>이 추체 자신의 후방 높이에 대한 감소: 한 추체만의 추정입니다.</translation>
    </message>
    <message>
        <source>Loss against the normal neighbours {levels}.</source>
        <translation>정상 이웃 {levels}에 대한 감소입니다.</translation>
    </message>
    <message>
        <source>Genant suggestion: {dash}</source>
        <translation>Genant 제안: {dash}</translation>
    </message>
    <message>
        <source>Genant suggestion: {grade}</source>
        <translation>Genant 제안: {grade}</translation>
    </message>
    <message>
        <source>Genant suggestion: {grade}, borderline</source>
        <translation>Genant 제안: {grade}, 경계</translation>
    </message>
    <message>
        <source>Not decided yet.</source>
        <translation>아직 결정하지 않았습니다.</translation>
    </message>
    <message>
        <source>Nothing to decide.</source>
        <translation>결정할 것이 없습니다.</translation>
    </message>
    <message>
        <source>Decision: {word}, {reader}, {when} UTC</source>
        <translation>결정: {word}, {reader}, {when} UTC</translation>
    </message>
    <message>
        <source>reader not named</source>
        <translation>판독자 미상</translation>
    </message>
</context>
<context>
    <name>FindingsPanel</name>
    <message>
        <source>No findings on this film, neither the expert&apos;s nor the model&apos;s.</source>
        <translation>이 필름에는 전문가의 소견도 모델의 소견도 없습니다.</translation>
    </message>
    <message>
        <source>Model: {model}</source>
        <translation>모델: {model}</translation>
    </message>
    <message>
        <source>Film IoU {iou}</source>
        <translation>필름 IoU {iou}</translation>
    </message>
    <message>
        <source>Film IoU {iou}, now {now}</source>
        <translation>필름 IoU {iou}, 현재 {now}</translation>
    </message>
    <message>
        <source>Agrees {agrees} · label differs {differs} · missed {missed} · extra {extra}</source>
        <translation>일치 {agrees} · 레이블 다름 {differs} · 놓침 {missed} · 추가 {extra}</translation>
    </message>
    <message>
        <source>Whose findings these are</source>
        <translation>누구의 소견인지</translation>
    </message>
    <message>
        <source>Agreement on this film</source>
        <translation>이 필름의 일치도</translation>
    </message>
    <message>
        <source>How many findings agree</source>
        <translation>일치하는 소견 수</translation>
    </message>
    <message>
        <source>Details of the selected finding</source>
        <translation>선택한 소견의 자세한 내용</translation>
    </message>
    <message>
        <source>Findings of this film</source>
        <translation>이 필름의 소견</translation>
    </message>
    <message>
        <source>Keep the expert&apos;s finding</source>
        <translation>전문가 소견 유지</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>수락</translation>
    </message>
    <message>
        <source>Reject because of</source>
        <translation>거부 이유</translation>
    </message>
    <message>
        <source>Take the decision back</source>
        <translation>결정 취소</translation>
    </message>
</context>
<context>
    <name>FolderSession</name>
    <message>
        <source>Opening the folder</source>
        <translation>폴더 열기</translation>
    </message>
    <message>
        <source>Noting the film&apos;s figures</source>
        <translation>필름 수치 기록</translation>
    </message>
    <message>
        <source>Closing the folder</source>
        <translation>폴더 닫기</translation>
    </message>
</context>
<context>
    <name>Hint</name>
    <message>
        <source>1 of 3: films</source>
        <translation>1/3: 필름</translation>
    </message>
    <message>
        <source>These twelve films are simulated, no patient&apos;s. Open your own folder, or drag it into the window. {next_disagreement} goes to the next place where expert and model disagree.</source>
        <translation>이 열두 장은 모의 필름이며 환자의 것이 아닙니다. 자신의 폴더를 열거나 창으로 끌어다 놓으십시오. {next_disagreement}: 전문가와 모델이 어긋나는 다음 곳으로 이동.</translation>
    </message>
    <message>
        <source>2 of 3: expert and model</source>
        <translation>2/3: 전문가와 모델</translation>
    </message>
    <message>
        <source>The expert&apos;s outlines are solid, on the left; the model&apos;s are dashed, on the right. Colour and hatch tell: agrees, label differs, missed by the model, extra. Hold H to see the bare film.</source>
        <translation>전문가의 윤곽선은 왼쪽의 실선, 모델의 윤곽선은 오른쪽의 파선입니다. 색과 무늬가 일치, 레이블 다름, 모델이 놓침, 추가를 나타냅니다. H를 누르고 있으면 필름만 보입니다.</translation>
    </message>
    <message>
        <source>3 of 3: decide</source>
        <translation>3/3: 결정</translation>
    </message>
    <message>
        <source>{accept} accepts the finding, {reject} rejects it with a reason, {undo} takes anything back. Every edit is saved at once; the expert&apos;s file is kept as it was. {keys} shows all keys.</source>
        <translation>{accept}: 소견 수락, {reject}: 이유와 함께 거부, {undo}: 무엇이든 되돌리기. 모든 편집은 바로 저장되며 전문가의 파일은 원래 그대로 보존됩니다. {keys}: 모든 단축키 보기.</translation>
    </message>
</context>
<context>
    <name>HintOverlay</name>
    <message>
        <source>&amp;Back</source>
        <translation>뒤로(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Skip</source>
        <translation>건너뛰기(&amp;S)</translation>
    </message>
    <message>
        <source>S&amp;tart</source>
        <translation>시작(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Next</source>
        <translation>다음(&amp;N)</translation>
    </message>
</context>
<context>
    <name>JobBar</name>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>{what}, paused</source>
        <translation>{what}, 일시 정지</translation>
    </message>
    <message>
        <source>{what}</source>
        <translation>{what}</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} / {total}</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>계속</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>일시 정지</translation>
    </message>
    <message>
        <source>No changes</source>
        <translation>변경 없음</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>저장 중…</translation>
    </message>
    <message>
        <source>All saved</source>
        <translation>모두 저장됨</translation>
    </message>
    <message>
        <source>Not in the file yet, kept in the journal</source>
        <translation>아직 파일에 없음, 작업 기록에 보관됨</translation>
    </message>
    <message>
        <source>Read-only</source>
        <translation>읽기 전용</translation>
    </message>
    <message>
        <source>Pause or go on</source>
        <translation>일시 정지 또는 계속</translation>
    </message>
    <message>
        <source>Stop after the present film. What is done is kept.</source>
        <translation>지금 필름 다음에 멈춥니다. 끝난 것은 보존됩니다.</translation>
    </message>
    <message>
        <source>State of saving</source>
        <translation>저장 상태</translation>
    </message>
</context>
<context>
    <name>KeysEditor</name>
    <message>
        <source>Search: an action or a key</source>
        <translation>찾기: 동작 또는 키</translation>
    </message>
    <message>
        <source>Search the actions</source>
        <translation>동작 찾기</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>동작</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>키</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>기본값</translation>
    </message>
    <message>
        <source>Actions and their keys</source>
        <translation>동작과 키</translation>
    </message>
    <message>
        <source>New key for the marked action</source>
        <translation>고른 동작의 새 키</translation>
    </message>
    <message>
        <source>&amp;No key</source>
        <translation>키 없음(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Default key</source>
        <translation>기본 키(&amp;D)</translation>
    </message>
    <message>
        <source>Defaults for &amp;all</source>
        <translation>모두 기본값(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Take it from there</source>
        <translation>거기서 가져오기(&amp;T)</translation>
    </message>
    <message>
        <source>{key}  (twice)</source>
        <translation>{key}  (겹침)</translation>
    </message>
    <message>
        <source>Mark an action, then press its new key in the field below.</source>
        <translation>동작을 고른 다음 아래 칸에서 새 키를 누르십시오.</translation>
    </message>
    <message>
        <source>“{action}” has the key {key}. Press another one in the field below.</source>
        <translation>‘{action}’의 키는 {key}입니다. 다른 키를 아래 칸에서 누르십시오.</translation>
    </message>
    <message>
        <source>“{action}” has no key. Press one in the field below.</source>
        <translation>‘{action}’에는 키가 없습니다. 아래 칸에서 키를 누르십시오.</translation>
    </message>
    <message>
        <source>{key} is the key of “{action}”. Take it from there, or press another key.</source>
        <translation>{key}: ‘{action}’의 키입니다. 거기서 가져오거나 다른 키를 누르십시오.</translation>
    </message>
</context>
<context>
    <name>KeysSheet</name>
    <message>
        <source>All keys</source>
        <translation>모든 단축키</translation>
    </message>
    <message>
        <source>Search: an action or a key</source>
        <translation>찾기: 동작 또는 키</translation>
    </message>
    <message>
        <source>Search the keys</source>
        <translation>단축키 찾기</translation>
    </message>
    <message>
        <source>What</source>
        <translation>동작</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>키</translation>
    </message>
    <message>
        <source>All keys by group</source>
        <translation>묶음별 모든 단축키</translation>
    </message>
    <message>
        <source>&amp;Print…</source>
        <translation>인쇄(&amp;P)…</translation>
    </message>
    <message>
        <source>Change &amp;keys…</source>
        <translation>단축키 바꾸기(&amp;K)…</translation>
    </message>
    <message>
        <source>Keys of vcfviewer</source>
        <translation>vcfviewer 단축키</translation>
    </message>
    <message>
        <source>No action and no key holds “{words}”. Clear the field to see all.</source>
        <translation>‘{words}’ 포함된 동작이나 키가 없습니다. 칸을 비우면 모두 보입니다.</translation>
    </message>
</context>
<context>
    <name>LevelModel</name>
    <message>
        <source>Expert</source>
        <translation>전문가</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>빠짐</translation>
    </message>
    <message>
        <source>n. a.</source>
        <translation>평가 불가</translation>
    </message>
    <message>
        <source>fractured</source>
        <translation>골절</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>정상</translation>
    </message>
    <message>
        <source>expert</source>
        <translation>전문가</translation>
    </message>
    <message>
        <source>model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>{level}, {whose}: missing between two levels that are named. Is a level skipped?</source>
        <translation>{level}, {whose}: 이름 붙은 두 분절 사이에서 빠져 있습니다. 분절을 건너뛰었습니까?</translation>
    </message>
    <message>
        <source>{level}, {whose}: named {count} times. Only one can be right.</source>
        <translation>{level}, {whose}: {count}번 나옵니다. 하나만 옳을 수 있습니다.</translation>
    </message>
    <message>
        <source>{level}, {whose}: {status}.</source>
        <translation>{level}, {whose}: {status}.</translation>
    </message>
    <message>
        <source>{level}, {whose}: nothing named.</source>
        <translation>{level}, {whose}: 없음.</translation>
    </message>
</context>
<context>
    <name>LevelStrip</name>
    <message>
        <source>Levels of the spine: expert and model</source>
        <translation>척추 분절: 전문가와 모델</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>빠짐</translation>
    </message>
    <message>
        <source>fractured</source>
        <translation>골절</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>정상</translation>
    </message>
    <message>
        <source>n. a.</source>
        <translation>평가 불가</translation>
    </message>
    <message>
        <source>Expert</source>
        <translation>전문가</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
</context>
<context>
    <name>LinkedViews</name>
    <message>
        <source>Film with the expert&apos;s findings</source>
        <translation>전문가 소견이 있는 필름</translation>
    </message>
    <message>
        <source>Film with the model&apos;s findings</source>
        <translation>모델 소견이 있는 필름</translation>
    </message>
    <message>
        <source>Research use only, not for diagnosis.</source>
        <translation>연구 전용이며 진단에 쓸 수 없습니다.</translation>
    </message>
    <message>
        <source>A</source>
        <translation>앞</translation>
    </message>
    <message>
        <source>P</source>
        <translation>뒤</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>모델: {name}</translation>
    </message>
    <message>
        <source>A (solid): {first} · B (dashed): {second}</source>
        <translation>A(실선): {first} · B(파선): {second}</translation>
    </message>
    <message>
        <source>Expert</source>
        <translation>전문가</translation>
    </message>
    <message>
        <source>Film with the findings of model A</source>
        <translation>모델 A의 소견이 있는 필름</translation>
    </message>
    <message>
        <source>Film with the findings of model B</source>
        <translation>모델 B의 소견이 있는 필름</translation>
    </message>
    <message>
        <source>Expert and model</source>
        <translation>전문가와 모델</translation>
    </message>
</context>
<context>
    <name>Loupe</name>
    <message>
        <source>Magnifier</source>
        <translation>돋보기</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>vcfviewer: research use only, not for diagnosis</source>
        <translation>vcfviewer: 연구 전용, 진단용 아님</translation>
    </message>
    <message>
        <source>Why no film is shown</source>
        <translation>필름이 보이지 않는 이유</translation>
    </message>
    <message>
        <source>Films</source>
        <translation>필름</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>소견</translation>
    </message>
    <message>
        <source>Decisions</source>
        <translation>결정</translation>
    </message>
    <message>
        <source>Pointer</source>
        <translation>포인터</translation>
    </message>
    <message>
        <source>Film figures</source>
        <translation>필름 수치</translation>
    </message>
</context>
<context>
    <name>Measures</name>
    <message>
        <source>Cobb %1°</source>
        <translation>Cobb %1°</translation>
    </message>
    <message>
        <source>%1°</source>
        <translation>%1°</translation>
    </message>
</context>
<context>
    <name>ModelDialog</name>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>&amp;Use this model</source>
        <translation>이 모델 사용(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Add a model card…</source>
        <translation>모델 카드 추가(&amp;A)…</translation>
    </message>
    <message>
        <source>{model}  (in use)</source>
        <translation>{model}  (사용 중)</translation>
    </message>
    <message>
        <source>{family}, score threshold {threshold}</source>
        <translation>{family}, 점수 임계값 {threshold}</translation>
    </message>
    <message>
        <source>Add a model card</source>
        <translation>모델 카드 추가</translation>
    </message>
    <message>
        <source>Model cards (*.card.json)</source>
        <translation>모델 카드 (*.card.json)</translation>
    </message>
</context>
<context>
    <name>OutlinesView</name>
    <message>
        <source>Outlines: mine is solid, theirs is dashed</source>
        <translation>윤곽선: 내 것은 실선, 상대 것은 파선</translation>
    </message>
</context>
<context>
    <name>PairDetail</name>
    <message>
        <source>nothing here above its threshold</source>
        <translation>임계값을 넘는 소견 없음</translation>
    </message>
    <message>
        <source>{label}, score {score}</source>
        <translation>{label}, 점수 {score}</translation>
    </message>
    <message>
        <source>nothing here</source>
        <translation>소견 없음</translation>
    </message>
    <message>
        <source>Expert: {drawn}. With A: {first}; with B: {second}.</source>
        <translation>전문가: {drawn}. A와: {first}, B와: {second}.</translation>
    </message>
    <message>
        <source>A with B</source>
        <translation>A와 B</translation>
    </message>
    <message>
        <source>Expert with A</source>
        <translation>전문가와 A</translation>
    </message>
    <message>
        <source>Expert with B</source>
        <translation>전문가와 B</translation>
    </message>
    <message>
        <source>IoU</source>
        <translation>IoU</translation>
    </message>
    <message>
        <source>Dice</source>
        <translation>Dice</translation>
    </message>
    <message>
        <source>Boundary distance</source>
        <translation>경계 거리</translation>
    </message>
</context>
<context>
    <name>PairPanel</name>
    <message>
        <source>{family}, its own score threshold {threshold}</source>
        <translation>{family}, 모델 자체의 점수 임계값 {threshold}</translation>
    </message>
    <message>
        <source>No expert annotated this film: nobody says here which model is right.</source>
        <translation>이 필름에는 전문가 주석이 없어, 어느 모델이 맞는지 알 수 없습니다.</translation>
    </message>
    <message>
        <source>The thin outlines are the expert&apos;s, as first opened.</source>
        <translation>가는 윤곽선은 처음 연 상태의 전문가 윤곽선입니다.</translation>
    </message>
    <message>
        <source>No findings on this film at these thresholds, neither of A nor of B.</source>
        <translation>이 임계값에서는 이 필름에 A의 소견도 B의 소견도 없습니다.</translation>
    </message>
    <message>
        <source>Model {letter}</source>
        <translation>모델 {letter}</translation>
    </message>
    <message>
        <source>How the two models agree on this film</source>
        <translation>이 필름에서 두 모델의 일치도</translation>
    </message>
    <message>
        <source>Findings of both models</source>
        <translation>두 모델의 소견</translation>
    </message>
    <message>
        <source>Details of the selected pair</source>
        <translation>선택한 쌍의 자세한 내용</translation>
    </message>
</context>
<context>
    <name>PathField</name>
    <message>
        <source>Choose…</source>
        <translation>고르기…</translation>
    </message>
    <message>
        <source>Choose: {what}</source>
        <translation>고르기: {what}</translation>
    </message>
</context>
<context>
    <name>Predicting</name>
    <message>
        <source>Predicting {film}</source>
        <translation>{film} 예측</translation>
    </message>
</context>
<context>
    <name>RejectMenu</name>
    <message>
        <source>Reject because of</source>
        <translation>거부 이유</translation>
    </message>
    <message>
        <source>Reason to reject the finding</source>
        <translation>소견을 거부하는 이유</translation>
    </message>
</context>
<context>
    <name>RelabelPopup</name>
    <message>
        <source>Label of the finding</source>
        <translation>소견의 레이블</translation>
    </message>
    <message>
        <source>Digit, or type: l1, t12 normal, any text</source>
        <translation>숫자 또는 입력: l1, t12 normal, 아무 글</translation>
    </message>
    <message>
        <source>Label: type to filter</source>
        <translation>레이블: 입력하여 거르기</translation>
    </message>
    <message>
        <source>Labels that fit</source>
        <translation>맞는 레이블</translation>
    </message>
    <message>
        <source>Return takes the marked label, Esc none.</source>
        <translation>Return: 고른 레이블 적용, Esc: 그만두기.</translation>
    </message>
    <message>
        <source>{level}, key {digit}</source>
        <translation>{level}, 키 {digit}</translation>
    </message>
    <message>
        <source>“{text}”, as typed</source>
        <translation>‘{text}’ 입력한 그대로</translation>
    </message>
</context>
<context>
    <name>RetrainDialog</name>
    <message>
        <source>Train a model</source>
        <translation>모델 학습</translation>
    </message>
    <message>
        <source>Pages of the training</source>
        <translation>학습 페이지</translation>
    </message>
    <message>
        <source>&amp;1 Set up</source>
        <translation>&amp;1 준비</translation>
    </message>
    <message>
        <source>&amp;2 Training</source>
        <translation>&amp;2 학습</translation>
    </message>
    <message>
        <source>&amp;3 Old and new</source>
        <translation>&amp;3 이전과 새 모델</translation>
    </message>
    <message>
        <source>A training goes on when you close this or the program; a comparison of two models ends.</source>
        <translation>이 창이나 프로그램을 닫아도 학습은 계속되고, 두 모델의 비교는 끝납니다.</translation>
    </message>
    <message>
        <source>Some films are set aside to measure on; this takes a moment.</source>
        <translation>측정용 필름을 떼어 두는 중입니다. 잠시 걸립니다.</translation>
    </message>
    <message>
        <source>There are too few films to set some aside: nothing is measured while training.</source>
        <translation>필름이 너무 적어 떼어 둘 수 없습니다. 학습 중에는 측정하지 않습니다.</translation>
    </message>
</context>
<context>
    <name>RetrainForm</name>
    <message>
        <source>Learn from corrections</source>
        <translation>수정에서 배우기</translation>
    </message>
    <message>
        <source>A few films, short and gentle: the model keeps what it knows.</source>
        <translation>적은 필름으로 짧고 부드럽게: 모델이 아는 것을 잃지 않습니다.</translation>
    </message>
    <message>
        <source>Full training, corrected settings</source>
        <translation>전체 학습, 교정된 설정</translation>
    </message>
    <message>
        <source>Hundreds of films, hours of computing; normal films are learned from too.</source>
        <translation>수백 장의 필름과 몇 시간의 계산이 필요하며 정상 필름도 학습합니다.</translation>
    </message>
    <message>
        <source>Full training, as the paper says</source>
        <translation>전체 학습, 논문대로</translation>
    </message>
    <message>
        <source>Nearest to the text of Paik et al. 2024: flips, no normal films.</source>
        <translation>Paik 등 2024의 본문에 가장 가깝게: 좌우 뒤집기, 정상 필름 없음.</translation>
    </message>
    <message>
        <source>Films to learn from</source>
        <translation>학습할 필름</translation>
    </message>
    <message>
        <source>an export, or labelled films</source>
        <translation>내보낸 폴더 또는 레이블된 필름</translation>
    </message>
    <message>
        <source>Split into parts</source>
        <translation>자료 나눔</translation>
    </message>
    <message>
        <source>split.json in that folder, if there is one</source>
        <translation>그 폴더의 split.json (있는 경우)</translation>
    </message>
    <message>
        <source>Splits (*.json)</source>
        <translation>자료 나눔 (*.json)</translation>
    </message>
    <message>
        <source>Weights file</source>
        <translation>가중치 파일</translation>
    </message>
    <message>
        <source>ImageNet&apos;s or another detector&apos;s</source>
        <translation>ImageNet 또는 다른 검출기의 것</translation>
    </message>
    <message>
        <source>Weights (*.safetensors)</source>
        <translation>가중치 (*.safetensors)</translation>
    </message>
    <message>
        <source>&amp;Start training</source>
        <translation>학습 시작(&amp;S)</translation>
    </message>
    <message>
        <source>A weights file…</source>
        <translation>가중치 파일…</translation>
    </message>
    <message>
        <source>Nothing: random weights</source>
        <translation>없음: 무작위 가중치</translation>
    </message>
    <message>
        <source>never</source>
        <translation>안 함</translation>
    </message>
    <message>
        <source> steps</source>
        <translation>스텝</translation>
    </message>
    <message>
        <source>&amp;Data</source>
        <translation>자료(&amp;D)</translation>
    </message>
    <message>
        <source>S&amp;plit</source>
        <translation>나눔(&amp;P)</translation>
    </message>
    <message>
        <source>Start &amp;from</source>
        <translation>시작점(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Weights file</source>
        <translation>가중치 파일(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Network family</source>
        <translation>네트워크 계열(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Recipe</source>
        <translation>학습 방식(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Epochs</source>
        <translation>에폭(&amp;E)</translation>
    </message>
    <message>
        <source>Films a &amp;batch</source>
        <translation>배치당 필름(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Measure every</source>
        <translation>측정 간격(&amp;M)</translation>
    </message>
    <message>
        <source>Name of the r&amp;un</source>
        <translation>학습 이름(&amp;U)</translation>
    </message>
    <message>
        <source>Start from</source>
        <translation>시작점</translation>
    </message>
    <message>
        <source>Network family</source>
        <translation>네트워크 계열</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>학습 방식</translation>
    </message>
    <message>
        <source>Epochs: how often each film is seen</source>
        <translation>에폭: 각 필름을 보는 횟수</translation>
    </message>
    <message>
        <source>Films a batch</source>
        <translation>배치당 필름</translation>
    </message>
    <message>
        <source>Measure on the validation films every so many steps</source>
        <translation>몇 스텝마다 검증 필름에서 측정할지</translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation>학습 이름</translation>
    </message>
    <message>
        <source>Choose the films to learn from.</source>
        <translation>학습할 필름을 고르십시오.</translation>
    </message>
    <message>
        <source>There is no folder {path}.</source>
        <translation>폴더가 없습니다: {path}</translation>
    </message>
    <message>
        <source>There is no file {path}.</source>
        <translation>파일이 없습니다: {path}</translation>
    </message>
    <message>
        <source>Choose the weights file to start from.</source>
        <translation>시작할 가중치 파일을 고르십시오.</translation>
    </message>
    <message>
        <source>Give the run a name that can be a folder&apos;s name.</source>
        <translation>폴더 이름으로 쓸 수 있는 학습 이름을 주십시오.</translation>
    </message>
    <message>
        <source>The films that the export held out are left for comparing the models.</source>
        <translation>내보내기에서 떼어 둔 필름이 모델 비교용으로 남습니다.</translation>
    </message>
    <message>
        <source>No split and no hold-out: no film is left for comparing the models.</source>
        <translation>나눔도 떼어 둔 필름도 없습니다. 모델을 비교할 필름이 남지 않습니다.</translation>
    </message>
    <message>
        <source>Films: {train} to learn from, {valid} to measure on while training, {test} held out.</source>
        <translation>필름: 학습 {train}장, 학습 중 측정 {valid}장, 떼어 둠 {test}장.</translation>
    </message>
</context>
<context>
    <name>RunPage</name>
    <message>
        <source>running</source>
        <translation>진행 중</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>일시 정지</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>멈춤</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>끝남</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>실패</translation>
    </message>
    <message>
        <source>on another computer</source>
        <translation>다른 컴퓨터에서</translation>
    </message>
    <message>
        <source>{count} s left</source>
        <translation>{count}초 남음</translation>
    </message>
    <message>
        <source>{count} min left</source>
        <translation>{count}분 남음</translation>
    </message>
    <message>
        <source>{hours} h {minutes:02d} min left</source>
        <translation>{hours}시간 {minutes:02d}분 남음</translation>
    </message>
    <message>
        <source>&amp;Look again</source>
        <translation>다시 찾기(&amp;L)</translation>
    </message>
    <message>
        <source>Nothing was measured yet.</source>
        <translation>아직 측정한 것이 없습니다.</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>손실</translation>
    </message>
    <message>
        <source>step</source>
        <translation>스텝</translation>
    </message>
    <message>
        <source>loss (no unit)</source>
        <translation>손실 (단위 없음)</translation>
    </message>
    <message>
        <source>Mask AP50 on validation films</source>
        <translation>검증 필름의 마스크 AP50</translation>
    </message>
    <message>
        <source>AP50 (0 to 1)</source>
        <translation>AP50 (0~1)</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>일시 정지(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>이어서(&amp;R)</translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>멈춤(&amp;T)</translation>
    </message>
    <message>
        <source>Trainings</source>
        <translation>학습 목록</translation>
    </message>
    <message>
        <source>Progress of the training</source>
        <translation>학습 진행</translation>
    </message>
    <message>
        <source>Trai&amp;ning</source>
        <translation>학습(&amp;N)</translation>
    </message>
    <message>
        <source>{name}, started {when}: {state}</source>
        <translation>{name}, 시작 {when}: {state}</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>손실</translation>
    </message>
    <message>
        <source>AP50</source>
        <translation>AP50</translation>
    </message>
    <message>
        <source>No training yet</source>
        <translation>아직 학습 없음</translation>
    </message>
    <message>
        <source>Stop &amp;at once</source>
        <translation>바로 멈춤(&amp;A)</translation>
    </message>
    <message>
        <source>stopping…</source>
        <translation>멈추는 중…</translation>
    </message>
    <message>
        <source>{run}: {state}</source>
        <translation>{run}: {state}</translation>
    </message>
    <message>
        <source>The films are being read; the first step takes a while.</source>
        <translation>필름을 읽고 있습니다. 첫 스텝은 시간이 걸립니다.</translation>
    </message>
    <message>
        <source>Step {step} of {steps}</source>
        <translation>스텝 {step} / {steps}</translation>
    </message>
    <message>
        <source>It saves what it learned after the step it is in. You can resume it later.</source>
        <translation>지금 스텝이 끝나면 학습한 것을 저장합니다. 나중에 이어서 할 수 있습니다.</translation>
    </message>
</context>
<context>
    <name>Saving</name>
    <message>
        <source>Keeping the edit</source>
        <translation>편집 보관</translation>
    </message>
    <message>
        <source>Letting go of the film</source>
        <translation>필름 놓기</translation>
    </message>
    <message>
        <source>Waiting for the last save</source>
        <translation>마지막 저장을 기다리는 중</translation>
    </message>
    <message>
        <source>Saving {film}</source>
        <translation>{film} 저장</translation>
    </message>
</context>
<context>
    <name>SecondModel</name>
    <message>
        <source>Predicting {film}</source>
        <translation>{film} 예측</translation>
    </message>
    <message>
        <source>the next film</source>
        <translation>다음 필름</translation>
    </message>
    <message>
        <source>Looking for a film on which the two models differ</source>
        <translation>두 모델이 다른 필름 찾기</translation>
    </message>
</context>
<context>
    <name>SecondModelDialog</name>
    <message>
        <source>Compare with another model</source>
        <translation>다른 모델과 비교</translation>
    </message>
    <message>
        <source>&amp;Compare with this model</source>
        <translation>이 모델과 비교(&amp;C)</translation>
    </message>
    <message>
        <source>{model}  (A, in use)</source>
        <translation>{model}  (A, 사용 중)</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Opening {film}</source>
        <translation>{film} 열기</translation>
    </message>
    <message>
        <source>Reading ahead</source>
        <translation>미리 읽기</translation>
    </message>
    <message>
        <source>Opening the folder</source>
        <translation>폴더 열기</translation>
    </message>
    <message>
        <source>Keeping a prediction</source>
        <translation>예측 결과 보관</translation>
    </message>
    <message>
        <source>Predicting {film}</source>
        <translation>{film} 예측</translation>
    </message>
    <message>
        <source>Reading the label table</source>
        <translation>레이블 표 읽기</translation>
    </message>
    <message>
        <source>Holding the film</source>
        <translation>필름 잡기</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>설정</translation>
    </message>
    <message>
        <source>&amp;Predict as soon as a film is shown</source>
        <translation>필름이 보이면 바로 예측(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Blind first read: predictions stay hidden until I commit my own read</source>
        <translation>블라인드 1차 판독(&amp;B): 내 판독을 확정할 때까지 예측을 숨김</translation>
    </message>
    <message>
        <source>Folder of annotations</source>
        <translation>주석 폴더</translation>
    </message>
    <message>
        <source>beside each film</source>
        <translation>각 필름 옆</translation>
    </message>
    <message>
        <source>Folder for exports</source>
        <translation>내보내기 폴더</translation>
    </message>
    <message>
        <source>asked for at each export</source>
        <translation>내보낼 때마다 물음</translation>
    </message>
    <message>
        <source>Folder for trainings</source>
        <translation>학습 폴더</translation>
    </message>
    <message>
        <source>in your own data folder</source>
        <translation>사용자 자료 폴더</translation>
    </message>
    <message>
        <source>Label table</source>
        <translation>레이블 표</translation>
    </message>
    <message>
        <source>none: only the labels that the program knows</source>
        <translation>없음: 프로그램이 아는 레이블만</translation>
    </message>
    <message>
        <source>JSON files (*.json)</source>
        <translation>JSON 파일 (*.json)</translation>
    </message>
    <message>
        <source>Pages of the settings</source>
        <translation>설정 페이지</translation>
    </message>
    <message>
        <source>&amp;Reading</source>
        <translation>판독(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Look</source>
        <translation>모양(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Folders</source>
        <translation>폴더(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>단축키(&amp;K)</translation>
    </message>
    <message>
        <source>Reader&apos;s name</source>
        <translation>판독자 이름</translation>
    </message>
    <message>
        <source>IoU threshold</source>
        <translation>IoU 임계값</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>알 수 없음</translation>
    </message>
    <message>
        <source>Facing of films that don&apos;t tell it</source>
        <translation>방향이 적히지 않은 필름의 방향</translation>
    </message>
    <message>
        <source>Reader&apos;s &amp;name</source>
        <translation>판독자 이름(&amp;N)</translation>
    </message>
    <message>
        <source>Stands beside each decision and in the journal.</source>
        <translation>각 결정과 작업 기록에 함께 남습니다.</translation>
    </message>
    <message>
        <source>&amp;IoU threshold</source>
        <translation>IoU 임계값(&amp;I)</translation>
    </message>
    <message>
        <source>An expert&apos;s and a model&apos;s finding count as one finding where their IoU reaches this.</source>
        <translation>전문가와 모델의 소견은 IoU가 이 값에 이르면 같은 소견으로 봅니다.</translation>
    </message>
    <message>
        <source>Facin&amp;g of films that don&apos;t tell it</source>
        <translation>방향이 적히지 않은 필름의 방향(&amp;G)</translation>
    </message>
    <message>
        <source>Heights need it. What a film&apos;s file or label says, or you set for a film, goes first.</source>
        <translation>높이를 재는 데 필요합니다. 필름의 파일이나 라벨에 적힌 것, 또는 필름마다 정한 것이 우선합니다.</translation>
    </message>
    <message>
        <source>Both reads are stored: the blind one and the final one.</source>
        <translation>블라인드 판독과 최종 판독이 모두 저장됩니다.</translation>
    </message>
    <message>
        <source>Dark, for the reading room</source>
        <translation>어둡게 (판독실용)</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>밝게</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>시스템과 같게</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>테마</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>언어</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>테마(&amp;T)</translation>
    </message>
    <message>
        <source>L&amp;anguage</source>
        <translation>언어(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Annotations</source>
        <translation>주석(&amp;A)</translation>
    </message>
    <message>
        <source>Labelme files are read from and written to this folder. Empty: they lie beside the films.</source>
        <translation>labelme 파일을 이 폴더에서 읽고 씁니다. 비우면 필름 옆에 둡니다.</translation>
    </message>
    <message>
        <source>La&amp;bel table</source>
        <translation>레이블 표(&amp;B)</translation>
    </message>
    <message>
        <source>What your own label texts mean: a JSON file such as {example}.</source>
        <translation>쓰시는 레이블 글의 뜻: {example} 같은 JSON 파일입니다.</translation>
    </message>
    <message>
        <source>&amp;Exports</source>
        <translation>내보내기(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Trainings</source>
        <translation>학습(&amp;T)</translation>
    </message>
    <message>
        <source>Checkpoints and new models are kept here.</source>
        <translation>체크포인트와 새 모델을 여기에 둡니다.</translation>
    </message>
    <message>
        <source>Enter the reader&apos;s name: every decision is stored with it.</source>
        <translation>판독자 이름을 입력하십시오. 모든 결정과 함께 저장됩니다.</translation>
    </message>
</context>
<context>
    <name>SettingsStore</name>
    <message>
        <source>The settings could not be saved in {file}. They hold until you close the program. Check that the file may be written and that its disk has room.</source>
        <translation>설정을 저장하지 못했습니다: {file}. 프로그램을 닫을 때까지는 유지됩니다. 파일 쓰기 권한과 디스크 공간을 확인하십시오.</translation>
    </message>
</context>
<context>
    <name>SortButton</name>
    <message>
        <source>Sort</source>
        <translation>정렬</translation>
    </message>
    <message>
        <source>Sorting and columns</source>
        <translation>정렬과 열</translation>
    </message>
    <message>
        <source>What the list is sorted by, and which columns it has</source>
        <translation>목록의 정렬 기준과 열</translation>
    </message>
    <message>
        <source>Order of the folder</source>
        <translation>폴더 순서</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>열</translation>
    </message>
</context>
<context>
    <name>SplitMaker</name>
    <message>
        <source>The films could not be divided. Try again.</source>
        <translation>필름을 나누지 못했습니다. 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>The films could not be divided: {reason}</source>
        <translation>필름을 나누지 못했습니다: {reason}</translation>
    </message>
</context>
<context>
    <name>ThresholdBar</name>
    <message>
        <source>Model&apos;s own</source>
        <translation>모델 자체 값</translation>
    </message>
    <message>
        <source>Back to {value}, as fixed on validation films</source>
        <translation>검증 필름에서 정한 {value}(으)로 되돌리기</translation>
    </message>
    <message>
        <source>{shown} of {found} findings shown</source>
        <translation>소견 {found}개 중 {shown}개 표시</translation>
    </message>
    <message>
        <source>no prediction</source>
        <translation>예측 없음</translation>
    </message>
    <message>
        <source>findings hidden until you commit</source>
        <translation>확정할 때까지 소견 숨김</translation>
    </message>
    <message>
        <source>{letter}: score threshold</source>
        <translation>{letter}: 점수 임계값</translation>
    </message>
    <message>
        <source>Score &amp;threshold</source>
        <translation>점수 임계값(&amp;T)</translation>
    </message>
    <message>
        <source>Findings that the model scores lower aren&apos;t shown. The mark is the model&apos;s own.</source>
        <translation>모델 점수가 이보다 낮은 소견은 보이지 않습니다. 눈금은 모델 자체 값입니다.</translation>
    </message>
    <message>
        <source>Score threshold as a number</source>
        <translation>점수 임계값 (숫자)</translation>
    </message>
</context>
<context>
    <name>Tools</name>
    <message>
        <source>There the outline would cross itself, so it was put back. Drag to another place.</source>
        <translation>그곳에서는 윤곽선이 스스로 교차하여 되돌렸습니다. 다른 곳으로 끄십시오.</translation>
    </message>
    <message>
        <source>Insert a vertex into %1</source>
        <translation>%1에 꼭짓점 넣기</translation>
    </message>
    <message>
        <source>Move a vertex of %1</source>
        <translation>%1의 꼭짓점 옮기기</translation>
    </message>
    <message>
        <source>Move vertices of %1</source>
        <translation>%1의 꼭짓점들 옮기기</translation>
    </message>
    <message>
        <source>Move %1</source>
        <translation>%1 옮기기</translation>
    </message>
    <message>
        <source>Move shapes</source>
        <translation>도형 옮기기</translation>
    </message>
    <message>
        <source>This film is open for reading only, so its shapes can&apos;t be changed.</source>
        <translation>이 필름은 읽기 전용으로 열려 있어 도형을 바꿀 수 없습니다.</translation>
    </message>
    <message>
        <source>Release to end the stroke. Esc cancels.</source>
        <translation>놓으면 획이 끝납니다. Esc: 취소.</translation>
    </message>
    <message>
        <source>[ and ] change the size.</source>
        <translation>[ 와 ]: 크기 바꾸기.</translation>
    </message>
    <message>
        <source>Paint to add to the shape, with Shift to take away.</source>
        <translation>칠하면 도형에 더하고, Shift와 함께 칠하면 뺍니다.</translation>
    </message>
    <message>
        <source>Paint to take from the shape, with Shift to add.</source>
        <translation>칠하면 도형에서 빼고, Shift와 함께 칠하면 더합니다.</translation>
    </message>
    <message>
        <source>Select the shape to paint on first, or begin on it.</source>
        <translation>먼저 칠할 도형을 선택하거나 그 위에서 시작하십시오.</translation>
    </message>
    <message>
        <source>Add to %1</source>
        <translation>%1에 더하기</translation>
    </message>
    <message>
        <source>Take from %1</source>
        <translation>%1에서 빼기</translation>
    </message>
    <message>
        <source>Click the first point of the outline. Ctrl: no snapping.</source>
        <translation>윤곽선의 첫 점을 클릭하십시오. Ctrl: 달라붙지 않음.</translation>
    </message>
    <message>
        <source>Click the next point. Backspace takes the last one back. Esc cancels.</source>
        <translation>다음 점을 클릭하십시오. Backspace: 마지막 점 취소. Esc: 취소.</translation>
    </message>
    <message>
        <source>Click the next point; Enter, a double click or the first point closes the outline. Backspace takes the last one back. Esc cancels.</source>
        <translation>다음 점을 클릭하십시오. Enter, 두 번 클릭 또는 첫 점: 윤곽선 닫기. Backspace: 마지막 점 취소. Esc: 취소.</translation>
    </message>
    <message>
        <source>An outline needs three points at least. Click one more.</source>
        <translation>윤곽선에는 점이 셋 이상 필요합니다. 하나 더 클릭하십시오.</translation>
    </message>
    <message>
        <source>The outline crosses itself. Backspace takes its last point back.</source>
        <translation>윤곽선이 스스로 교차합니다. Backspace: 마지막 점 취소.</translation>
    </message>
    <message>
        <source>Draw %1</source>
        <translation>%1 그리기</translation>
    </message>
    <message>
        <source>Click beyond the other side of the shape. Esc cancels.</source>
        <translation>도형 반대쪽 바깥을 클릭하십시오. Esc: 취소.</translation>
    </message>
    <message>
        <source>Drag a line right through a shape: it begins and ends outside.</source>
        <translation>도형을 가로질러 선을 끄십시오. 선은 바깥에서 시작하고 끝나야 합니다.</translation>
    </message>
    <message>
        <source>The line crosses several shapes. Select the one to be cut first.</source>
        <translation>선이 여러 도형을 지납니다. 먼저 자를 도형을 선택하십시오.</translation>
    </message>
    <message>
        <source>The line cuts no shape in two. Begin and end it outside of the shape.</source>
        <translation>선이 도형을 둘로 나누지 않습니다. 도형 바깥에서 시작하고 끝내십시오.</translation>
    </message>
    <message>
        <source>Cut %1</source>
        <translation>%1 자르기</translation>
    </message>
    <message>
        <source>Click to measure again. Backspace takes the last measure off.</source>
        <translation>다시 재려면 클릭하십시오. Backspace: 마지막 측정 지우기.</translation>
    </message>
    <message>
        <source>Drag a line, or click its two ends, to measure a length.</source>
        <translation>길이를 재려면 선을 끌거나 양 끝을 클릭하십시오.</translation>
    </message>
    <message>
        <source>Click the other end. Esc cancels.</source>
        <translation>다른 끝을 클릭하십시오. Esc: 취소.</translation>
    </message>
    <message>
        <source>Click the end of one arm, the vertex, the end of the other arm.</source>
        <translation>한쪽 팔의 끝, 꼭짓점, 다른 팔의 끝을 차례로 클릭하십시오.</translation>
    </message>
    <message>
        <source>Click the vertex of the angle. Esc cancels.</source>
        <translation>각의 꼭짓점을 클릭하십시오. Esc: 취소.</translation>
    </message>
    <message>
        <source>Click the end of the other arm. Esc cancels.</source>
        <translation>다른 팔의 끝을 클릭하십시오. Esc: 취소.</translation>
    </message>
    <message>
        <source>Drag a line along the upper endplate, then one along the lower.</source>
        <translation>위쪽 종판을 따라 선을 끌고, 이어서 아래쪽 종판을 따라 끄십시오.</translation>
    </message>
    <message>
        <source>Click the other end of the line. Esc cancels.</source>
        <translation>선의 다른 끝을 클릭하십시오. Esc: 취소.</translation>
    </message>
    <message>
        <source>Drag a line along the lower endplate. Esc cancels.</source>
        <translation>아래쪽 종판을 따라 선을 끄십시오. Esc: 취소.</translation>
    </message>
    <message>
        <source>Click the other end of the known length. Esc cancels.</source>
        <translation>아는 길이의 다른 끝을 클릭하십시오. Esc: 취소.</translation>
    </message>
    <message>
        <source>Drag a line along something of known length, such as a ruler or a marker.</source>
        <translation>자나 표지처럼 길이를 아는 것을 따라 선을 끄십시오.</translation>
    </message>
    <message>
        <source>Release to end the drag. Ctrl: no snapping. Esc cancels.</source>
        <translation>놓으면 끌기가 끝납니다. Ctrl: 달라붙지 않음. Esc: 취소.</translation>
    </message>
    <message>
        <source>Drag a vertex, or use the arrows. Backspace deletes it. , and . go to the next.</source>
        <translation>꼭짓점을 끌거나 화살표를 쓰십시오. Backspace: 삭제. , 와 . : 다음 꼭짓점.</translation>
    </message>
    <message>
        <source>Drag vertices or the shape. Alt+click on the line adds a vertex, Alt+Shift+click on a vertex deletes it, double click changes the label.</source>
        <translation>꼭짓점이나 도형을 끄십시오. 선에서 Alt+클릭: 꼭짓점 추가, 꼭짓점에서 Alt+Shift+클릭: 삭제, 두 번 클릭: 레이블 변경.</translation>
    </message>
    <message>
        <source>Click selects a shape, Ctrl+click one more; drag beside the shapes for a rectangle.</source>
        <translation>클릭: 도형 선택, Ctrl+클릭: 하나 더 선택, 도형 옆에서 끌기: 사각형 선택.</translation>
    </message>
    <message>
        <source>Delete a vertex of %1</source>
        <translation>%1의 꼭짓점 삭제</translation>
    </message>
    <message>
        <source>Delete vertices of %1</source>
        <translation>%1의 꼭짓점들 삭제</translation>
    </message>
    <message>
        <source>An outline needs three vertices at least. Delete the shape instead.</source>
        <translation>윤곽선에는 꼭짓점이 셋 이상 필요합니다. 대신 도형을 삭제하십시오.</translation>
    </message>
    <message>
        <source>That would make the outline cross itself, so nothing was changed.</source>
        <translation>윤곽선이 스스로 교차하게 되므로 바꾸지 않았습니다.</translation>
    </message>
    <message>
        <source>Release to set the point. Ctrl: no snapping. Esc cancels.</source>
        <translation>놓으면 점이 정해집니다. Ctrl: 달라붙지 않음. Esc: 취소.</translation>
    </message>
    <message>
        <source>Drag one of the six points, or click another shape.</source>
        <translation>여섯 점 가운데 하나를 끌거나 다른 도형을 클릭하십시오.</translation>
    </message>
    <message>
        <source>Click the shape whose six points are to be set.</source>
        <translation>여섯 점을 정할 도형을 클릭하십시오.</translation>
    </message>
    <message>
        <source>Two of the points lie on each other, so a height would be 0. Drag again.</source>
        <translation>두 점이 겹쳐 높이가 0이 됩니다. 다시 끄십시오.</translation>
    </message>
    <message>
        <source>Move point %2 of %1</source>
        <translation>%1의 점 %2 옮기기</translation>
    </message>
    <message>
        <source>Set the six points of %1</source>
        <translation>%1의 여섯 점 정하기</translation>
    </message>
    <message>
        <source>Click the anterior end of the upper endplate (1 of 6).</source>
        <translation>위쪽 종판의 앞쪽 끝을 클릭하십시오 (1/6).</translation>
    </message>
    <message>
        <source>Click the middle of the upper endplate (2 of 6).</source>
        <translation>위쪽 종판의 가운데를 클릭하십시오 (2/6).</translation>
    </message>
    <message>
        <source>Click the posterior end of the upper endplate (3 of 6).</source>
        <translation>위쪽 종판의 뒤쪽 끝을 클릭하십시오 (3/6).</translation>
    </message>
    <message>
        <source>Click the anterior end of the lower endplate (4 of 6).</source>
        <translation>아래쪽 종판의 앞쪽 끝을 클릭하십시오 (4/6).</translation>
    </message>
    <message>
        <source>Click the middle of the lower endplate (5 of 6).</source>
        <translation>아래쪽 종판의 가운데를 클릭하십시오 (5/6).</translation>
    </message>
    <message>
        <source>Click the posterior end of the lower endplate (6 of 6).</source>
        <translation>아래쪽 종판의 뒤쪽 끝을 클릭하십시오 (6/6).</translation>
    </message>
</context>
<context>
    <name>Unexpected</name>
    <message>
        <source>An error nobody expected</source>
        <translation>예상하지 못한 오류</translation>
    </message>
</context>
<context>
    <name>WorkTable</name>
    <message>
        <source>Films</source>
        <translation>필름</translation>
    </message>
</context>
<context>
    <name>Workbench</name>
    <message>
        <source>This film is open for reading only: nothing was changed.</source>
        <translation>이 필름은 읽기 전용으로 열려 있어 바뀐 것이 없습니다.</translation>
    </message>
    <message>
        <source>Drag to move the film, turn the wheel to zoom.</source>
        <translation>끌면 필름이 움직이고, 휠을 돌리면 확대됩니다.</translation>
    </message>
    <message>
        <source>Drag sideways for contrast, up and down for brightness.</source>
        <translation>옆으로 끌면 대비, 위아래로 끌면 밝기가 바뀝니다.</translation>
    </message>
</context>
<context>
    <name>WorklistPanel</name>
    <message>
        <source>Search films and problems</source>
        <translation>필름과 문제 찾기</translation>
    </message>
    <message>
        <source>Which films are listed</source>
        <translation>목록에 보일 필름</translation>
    </message>
    <message>
        <source>Which films are listed. A film stays until you choose again, even if it no longer fits.</source>
        <translation>목록에 보일 필름. 조건에서 벗어난 필름도 다시 고를 때까지 남아 있습니다.</translation>
    </message>
    <message>
        <source>{total} films</source>
        <translation>필름 {total}장</translation>
    </message>
    <message>
        <source>{shown} of {total} films</source>
        <translation>필름 {total}장 중 {shown}장</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>Hold: hide all shapes</source>
        <translation>누르고 있기: 모든 도형 숨기기</translation>
    </message>
    <message>
        <source>Hold: show the other side</source>
        <translation>누르고 있기: 다른 쪽 보기</translation>
    </message>
    <message>
        <source>Hold: magnifier</source>
        <translation>누르고 있기: 돋보기</translation>
    </message>
    <message>
        <source>Hold and drag: pan</source>
        <translation>누르고 끌기: 화면 이동</translation>
    </message>
    <message>
        <source>Next vertex of the selected shape</source>
        <translation>선택한 도형의 다음 꼭짓점</translation>
    </message>
    <message>
        <source>Previous vertex of the selected shape</source>
        <translation>선택한 도형의 이전 꼭짓점</translation>
    </message>
    <message>
        <source>Add a vertex behind the selected one</source>
        <translation>선택한 꼭짓점 뒤에 꼭짓점 추가</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>작은 브러시</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>큰 브러시</translation>
    </message>
    <message>
        <source>View</source>
        <translation>보기</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>편집</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>도구</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation>분절</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>실행 취소</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>다시 실행</translation>
    </message>
    <message>
        <source>Delete the selected shapes</source>
        <translation>선택한 도형 삭제</translation>
    </message>
    <message>
        <source>Delete the selected vertex</source>
        <translation>선택한 꼭짓점 삭제</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>복제</translation>
    </message>
    <message>
        <source>Copy from the model to the expert</source>
        <translation>모델에서 전문가로 복사</translation>
    </message>
    <message>
        <source>Merge the selected shapes</source>
        <translation>선택한 도형 병합</translation>
    </message>
    <message>
        <source>Smooth the outline</source>
        <translation>윤곽선 매끄럽게</translation>
    </message>
    <message>
        <source>Simplify the outline</source>
        <translation>윤곽선 단순하게</translation>
    </message>
    <message>
        <source>Select all shapes</source>
        <translation>모든 도형 선택</translation>
    </message>
    <message>
        <source>Cancel, or select nothing</source>
        <translation>취소 또는 선택 해제</translation>
    </message>
    <message>
        <source>Move left by 5 px</source>
        <translation>왼쪽으로 5 px 옮기기</translation>
    </message>
    <message>
        <source>Move right by 5 px</source>
        <translation>오른쪽으로 5 px 옮기기</translation>
    </message>
    <message>
        <source>Move up by 5 px</source>
        <translation>위로 5 px 옮기기</translation>
    </message>
    <message>
        <source>Move down by 5 px</source>
        <translation>아래로 5 px 옮기기</translation>
    </message>
    <message>
        <source>Relabel…</source>
        <translation>레이블 변경…</translation>
    </message>
    <message>
        <source>Shift all levels of the film up by one</source>
        <translation>필름의 모든 분절을 하나 위로</translation>
    </message>
    <message>
        <source>Shift all levels of the film down by one</source>
        <translation>필름의 모든 분절을 하나 아래로</translation>
    </message>
    <message>
        <source>Select and edit</source>
        <translation>선택과 편집</translation>
    </message>
    <message>
        <source>Pan</source>
        <translation>화면 이동</translation>
    </message>
    <message>
        <source>Window and level</source>
        <translation>윈도우와 레벨</translation>
    </message>
    <message>
        <source>Draw a polygon</source>
        <translation>다각형 그리기</translation>
    </message>
    <message>
        <source>Brush: add</source>
        <translation>브러시: 더하기</translation>
    </message>
    <message>
        <source>Brush: take away</source>
        <translation>브러시: 빼기</translation>
    </message>
    <message>
        <source>Cut in two</source>
        <translation>둘로 자르기</translation>
    </message>
    <message>
        <source>Six points of a vertebra</source>
        <translation>추체의 여섯 점</translation>
    </message>
    <message>
        <source>Measure a length</source>
        <translation>길이 재기</translation>
    </message>
    <message>
        <source>Measure an angle</source>
        <translation>각도 재기</translation>
    </message>
    <message>
        <source>Measure a Cobb angle</source>
        <translation>Cobb 각 재기</translation>
    </message>
    <message>
        <source>Calibrate by a known length</source>
        <translation>아는 길이로 보정</translation>
    </message>
    <message>
        <source>File</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>Go</source>
        <translation>이동</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>폴더 열기…</translation>
    </message>
    <message>
        <source>Open films…</source>
        <translation>필름 열기…</translation>
    </message>
    <message>
        <source>Labelme files are in another folder…</source>
        <translation>labelme 파일이 다른 폴더에 있음…</translation>
    </message>
    <message>
        <source>Open the sample films</source>
        <translation>예제 필름 열기</translation>
    </message>
    <message>
        <source>Save now</source>
        <translation>지금 저장</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>내보내기…</translation>
    </message>
    <message>
        <source>Edit in labelme</source>
        <translation>labelme에서 편집</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>설정…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>끝내기</translation>
    </message>
    <message>
        <source>Previous film</source>
        <translation>이전 필름</translation>
    </message>
    <message>
        <source>Next film</source>
        <translation>다음 필름</translation>
    </message>
    <message>
        <source>Next disagreement</source>
        <translation>다음 불일치</translation>
    </message>
    <message>
        <source>Previous disagreement</source>
        <translation>이전 불일치</translation>
    </message>
    <message>
        <source>Search the worklist</source>
        <translation>작업 목록에서 찾기</translation>
    </message>
    <message>
        <source>Go to the findings table</source>
        <translation>소견 표로 이동</translation>
    </message>
    <message>
        <source>Predict this film</source>
        <translation>이 필름 예측</translation>
    </message>
    <message>
        <source>Predict the whole folder</source>
        <translation>폴더 전체 예측</translation>
    </message>
    <message>
        <source>Pause or resume predicting the folder</source>
        <translation>폴더 예측 일시 정지 또는 계속</translation>
    </message>
    <message>
        <source>Cancel predicting the folder</source>
        <translation>폴더 예측 취소</translation>
    </message>
    <message>
        <source>Lower the score threshold</source>
        <translation>점수 임계값 낮추기</translation>
    </message>
    <message>
        <source>Raise the score threshold</source>
        <translation>점수 임계값 높이기</translation>
    </message>
    <message>
        <source>Choose the model…</source>
        <translation>모델 고르기…</translation>
    </message>
    <message>
        <source>Compare with another model…</source>
        <translation>다른 모델과 비교…</translation>
    </message>
    <message>
        <source>Retrain…</source>
        <translation>재학습…</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>검토</translation>
    </message>
    <message>
        <source>Film</source>
        <translation>필름</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>수락</translation>
    </message>
    <message>
        <source>Accept and edit</source>
        <translation>수락하고 편집</translation>
    </message>
    <message>
        <source>Accept all findings of the film</source>
        <translation>필름의 모든 소견 수락</translation>
    </message>
    <message>
        <source>Reject: parallax or scoliosis contour</source>
        <translation>거부: 시차 또는 측만 윤곽</translation>
    </message>
    <message>
        <source>Reject: Schmorl&apos;s node</source>
        <translation>거부: 슈모를 결절</translation>
    </message>
    <message>
        <source>Reject: degenerative or Scheuermann</source>
        <translation>거부: 퇴행성 또는 쇼이어만</translation>
    </message>
    <message>
        <source>Reject: artefact or implant</source>
        <translation>거부: 인공물 또는 삽입물</translation>
    </message>
    <message>
        <source>Reject: other</source>
        <translation>거부: 기타</translation>
    </message>
    <message>
        <source>Take the decision back</source>
        <translation>결정 취소</translation>
    </message>
    <message>
        <source>Commit the first read and show predictions</source>
        <translation>1차 판독을 확정하고 예측 보기</translation>
    </message>
    <message>
        <source>Film reviewed, go on</source>
        <translation>필름 검토 완료, 다음으로</translation>
    </message>
    <message>
        <source>No fracture on this film, go on</source>
        <translation>이 필름에 골절 없음, 다음으로</translation>
    </message>
    <message>
        <source>Film unusable, go on</source>
        <translation>필름 사용 불가, 다음으로</translation>
    </message>
    <message>
        <source>Film not reviewed yet</source>
        <translation>필름 아직 검토 안 함</translation>
    </message>
    <message>
        <source>Flag the film</source>
        <translation>필름 표시</translation>
    </message>
    <message>
        <source>Comment…</source>
        <translation>메모…</translation>
    </message>
    <message>
        <source>The patient faces left</source>
        <translation>환자가 왼쪽을 향함</translation>
    </message>
    <message>
        <source>The patient faces right</source>
        <translation>환자가 오른쪽을 향함</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>도움말</translation>
    </message>
    <message>
        <source>Fit the film to the window</source>
        <translation>필름을 창에 맞추기</translation>
    </message>
    <message>
        <source>Fit the width</source>
        <translation>너비에 맞추기</translation>
    </message>
    <message>
        <source>One film pixel a screen pixel</source>
        <translation>필름 1픽셀을 화면 1픽셀로</translation>
    </message>
    <message>
        <source>Fit the finding</source>
        <translation>소견에 맞추기</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>확대</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>축소</translation>
    </message>
    <message>
        <source>Expert and model on one film</source>
        <translation>전문가와 모델을 한 필름에</translation>
    </message>
    <message>
        <source>Hide or show all shapes</source>
        <translation>모든 도형 숨기기 또는 보이기</translation>
    </message>
    <message>
        <source>Invert black and white</source>
        <translation>흑백 반전</translation>
    </message>
    <message>
        <source>Automatic window</source>
        <translation>자동 윈도우</translation>
    </message>
    <message>
        <source>Automatic window for what is in view</source>
        <translation>보이는 부분에 맞춘 자동 윈도우</translation>
    </message>
    <message>
        <source>Next window preset</source>
        <translation>다음 윈도우 설정</translation>
    </message>
    <message>
        <source>Reset the window</source>
        <translation>윈도우 초기화</translation>
    </message>
    <message>
        <source>Turn the display by 90°</source>
        <translation>화면 90° 회전</translation>
    </message>
    <message>
        <source>Flip the display</source>
        <translation>화면 좌우 뒤집기</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>모든 단축키</translation>
    </message>
    <message>
        <source>The model&apos;s card</source>
        <translation>모델 카드</translation>
    </message>
    <message>
        <source>The first three steps</source>
        <translation>처음 세 단계</translation>
    </message>
    <message>
        <source>About vcfviewer: research use only</source>
        <translation>vcfviewer 정보: 연구 전용</translation>
    </message>
</context>
<context>
    <name>banners</name>
    <message>
        <source>The disk is full.</source>
        <translation>디스크가 가득 찼습니다.</translation>
    </message>
    <message>
        <source>The file is as it was before. Your edits are kept in the journal as far as it can be written. Free some space, then try again.</source>
        <translation>파일은 이전 그대로입니다. 편집 내용은 쓸 수 있는 한 작업 기록에 보관됩니다. 공간을 비우고 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <source>The film couldn&apos;t be saved.</source>
        <translation>필름을 저장하지 못했습니다.</translation>
    </message>
    <message>
        <source>The file is as it was before, and your edits are kept in the journal.</source>
        <translation>파일은 이전 그대로이며 편집 내용은 작업 기록에 보관됩니다.</translation>
    </message>
    <message>
        <source>This folder is read-only.</source>
        <translation>이 폴더는 읽기 전용입니다.</translation>
    </message>
    <message>
        <source>Your edits are kept in the journal. Export them. Of films without a labelme file here a folder for annotations, chosen in the settings, takes the new one.</source>
        <translation>편집 내용은 저널에 보관됩니다. 내보내십시오. 이 폴더에 labelme 파일이 없는 필름은 설정에서 주석 폴더를 선택하면 새 파일이 그곳에 저장됩니다.</translation>
    </message>
    <message>
        <source>The folder can&apos;t be reached.</source>
        <translation>폴더에 접근할 수 없습니다.</translation>
    </message>
    <message>
        <source>Your edits are kept, and saved when it is back. Check the network or the drive.</source>
        <translation>편집 내용은 보관되며 폴더가 돌아오면 저장됩니다. 네트워크나 드라이브를 확인하십시오.</translation>
    </message>
    <message>
        <source>This film is open elsewhere.</source>
        <translation>이 필름은 다른 곳에서 열려 있습니다.</translation>
    </message>
    <message>
        <source>It is shown read-only here, until it is closed there.</source>
        <translation>그곳에서 닫을 때까지 여기서는 읽기 전용으로 보입니다.</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>다시 확인</translation>
    </message>
    <message>
        <source>Another program changed this film&apos;s file.</source>
        <translation>다른 프로그램이 이 필름의 파일을 바꾸었습니다.</translation>
    </message>
    <message>
        <source>Nothing is saved until you choose: theirs, yours, or shape by shape.</source>
        <translation>상대 것, 내 것, 도형마다 가운데 고를 때까지 저장하지 않습니다.</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>고르기…</translation>
    </message>
    <message>
        <source>Edits were recovered.</source>
        <translation>편집 내용을 되살렸습니다.</translation>
    </message>
    <message>
        <source>The program ended before they were saved. They are in place again; undo takes them back.</source>
        <translation>저장되기 전에 프로그램이 끝났습니다. 편집 내용은 다시 적용되었으며 실행 취소로 되돌릴 수 있습니다.</translation>
    </message>
    <message>
        <source>Blind first read.</source>
        <translation>블라인드 1차 판독.</translation>
    </message>
    <message>
        <source>The model&apos;s findings stay hidden until you commit your own read.</source>
        <translation>내 판독을 확정할 때까지 모델의 소견은 숨겨집니다.</translation>
    </message>
    <message>
        <source>Commit my read</source>
        <translation>내 판독 확정</translation>
    </message>
    <message>
        <source>Two models are compared.</source>
        <translation>두 모델을 비교하는 중입니다.</translation>
    </message>
    <message>
        <source>Only for looking: nothing is accepted or edited here.</source>
        <translation>보기 전용: 여기서는 아무것도 수락하거나 편집하지 않습니다.</translation>
    </message>
    <message>
        <source>End the comparison</source>
        <translation>비교 끝내기</translation>
    </message>
</context>
<context>
    <name>desk</name>
    <message>
        <source>labelme still has {film} open. Close labelme first, and what you changed there is taken over.

If you close this window now, labelme is closed too, and its changes are lost. Close anyway?</source>
        <translation>labelme에 아직 {film}이(가) 열려 있습니다. 먼저 labelme를 닫으면 거기서 바꾼 내용을 가져옵니다.

지금 이 창을 닫으면 labelme도 닫히고 그 변경은 사라집니다. 그래도 닫을까요?</translation>
    </message>
    <message>
        <source>labelme is open</source>
        <translation>labelme가 열려 있음</translation>
    </message>
    <message>
        <source>labelme still has {film} open. Close labelme first, and what you changed there is taken over.

If you open other films now, its changes are lost. Open them anyway?</source>
        <translation>labelme에 {film}이(가) 아직 열려 있습니다. labelme를 먼저 닫으면 거기서 바꾼 것을 가져옵니다.

지금 다른 필름을 열면 그 변경은 사라집니다. 그래도 열까요?</translation>
    </message>
    <message>
        <source>Stopping a training</source>
        <translation>학습 멈춤</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>여는 중…</translation>
    </message>
    <message>
        <source>The last edits of these films could be written neither to their labelme files nor to the journal, and would be lost:
{names}

Make room on the disk, or bring the drive back: they are saved by themselves then. Leave all the same?</source>
        <translation>이 필름들의 마지막 편집은 labelme 파일에도 기록부에도 쓸 수 없었으며, 나가면 사라집니다:
{names}

디스크 공간을 비우거나 드라이브를 다시 연결하면 자동으로 저장됩니다. 그래도 나가시겠습니까?</translation>
    </message>
    <message>
        <source>The edits of these films are kept in the journal, but not in their labelme files:
{names}

They are in place again when the folder is opened the next time. Leave it now?</source>
        <translation>이 필름들의 편집은 기록부에 보관되어 있지만 labelme 파일에는 없습니다:
{names}

다음에 폴더를 열면 다시 제자리에 있습니다. 지금 나가시겠습니까?</translation>
    </message>
    <message>
        <source>Not saved in the file</source>
        <translation>파일에 저장되지 않음</translation>
    </message>
    <message>
        <source>&amp;Leave</source>
        <translation>나가기(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Stay</source>
        <translation>머무르기(&amp;S)</translation>
    </message>
    <message>
        <source>{reason}

It is not written over. Your edits are kept in the journal. Repair or remove the file.</source>
        <translation>{reason}

파일을 덮어쓰지 않습니다. 편집 내용은 작업 기록에 보관됩니다. 파일을 고치거나 치우십시오.</translation>
    </message>
    <message>
        <source>The file can&apos;t be read</source>
        <translation>파일을 읽을 수 없음</translation>
    </message>
    <message>
        <source>{film} was left meanwhile: nothing was changed, and it is opened again.</source>
        <translation>그 사이에 {film}에서 벗어났습니다. 바뀐 것은 없으며 다시 엽니다.</translation>
    </message>
    <message>
        <source>The file is gone</source>
        <translation>파일이 없어짐</translation>
    </message>
    <message>
        <source>{film}: its labelme file was removed or moved by another program. Write it anew?</source>
        <translation>{film}: 다른 프로그램이 labelme 파일을 지우거나 옮겼습니다. 새로 쓰시겠습니까?</translation>
    </message>
    <message>
        <source>This is the last film of the list.</source>
        <translation>목록의 마지막 필름입니다.</translation>
    </message>
    <message>
        <source>This is the first film of the list.</source>
        <translation>목록의 첫 필름입니다.</translation>
    </message>
    <message>
        <source>No film of the list is left to be reviewed.</source>
        <translation>목록에 검토할 필름이 남아 있지 않습니다.</translation>
    </message>
    <message>
        <source>No further disagreement below; N starts again from the top of this film.</source>
        <translation>아래에는 불일치가 더 없습니다. N: 이 필름의 위에서부터 다시.</translation>
    </message>
    <message>
        <source>No disagreement is left in the films predicted so far. Predict the folder for more.</source>
        <translation>지금까지 예측한 필름에는 남은 불일치가 없습니다. 폴더를 예측하면 더 찾을 수 있습니다.</translation>
    </message>
    <message>
        <source>No disagreement is left in the films of the list.</source>
        <translation>목록의 필름에 남은 불일치가 없습니다.</translation>
    </message>
    <message>
        <source>Films predicted: {films}. N goes to the next disagreement.</source>
        <translation>예측한 필름: {films}. N: 다음 불일치로.</translation>
    </message>
    <message>
        <source>Films that couldn&apos;t be predicted: {failed}.</source>
        <translation>예측하지 못한 필름: {failed}.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>삭제</translation>
    </message>
    <message>
        <source>Click a vertex first; Backspace then deletes it.</source>
        <translation>먼저 꼭짓점을 클릭하십시오. 그러면 Backspace로 지울 수 있습니다.</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>복제</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>병합</translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation>매끄럽게</translation>
    </message>
    <message>
        <source>Simplify</source>
        <translation>단순하게</translation>
    </message>
    <message>
        <source>The first read was committed and stays as it is: undo ends here.</source>
        <translation>첫 판독은 확정되어 그대로 남습니다. 실행 취소는 여기까지입니다.</translation>
    </message>
    <message>
        <source>Undone: {what} ({film})</source>
        <translation>실행 취소: {what} ({film})</translation>
    </message>
    <message>
        <source>Done again: {what} ({film})</source>
        <translation>다시 실행: {what} ({film})</translation>
    </message>
    <message>
        <source>Open a folder of films</source>
        <translation>필름 폴더 열기</translation>
    </message>
    <message>
        <source>Open films or labelme files</source>
        <translation>필름 또는 labelme 파일 열기</translation>
    </message>
    <message>
        <source>Folder of the labelme files</source>
        <translation>labelme 파일의 폴더</translation>
    </message>
    <message>
        <source>Nothing was edited on this film; there is nothing to save.</source>
        <translation>이 필름에는 편집한 내용이 없어 저장할 것이 없습니다.</translation>
    </message>
    <message>
        <source>Every edit is saved as you make it; this film was saved once more.</source>
        <translation>편집은 할 때마다 저장됩니다. 이 필름을 한 번 더 저장했습니다.</translation>
    </message>
    <message>
        <source>labelme still has {film} open; close it there first, to take its result back.</source>
        <translation>labelme에 아직 {film}이(가) 열려 있습니다. 결과를 가져오려면 먼저 labelme를 닫으세요.</translation>
    </message>
    <message>
        <source>Nothing was changed in labelme.</source>
        <translation>labelme에서 바뀐 것이 없습니다.</translation>
    </message>
    <message>
        <source>Editing in labelme</source>
        <translation>labelme에서 편집 중</translation>
    </message>
    <message>
        <source>labelme has the film</source>
        <translation>labelme가 필름을 쓰고 있음</translation>
    </message>
    <message>
        <source>The film is open in labelme; close it there to take the result back.</source>
        <translation>필름이 labelme에 열려 있습니다. 결과를 받으려면 labelme를 닫으십시오.</translation>
    </message>
    <message>
        <source>Edit in labelme</source>
        <translation>labelme에서 편집</translation>
    </message>
    <message>
        <source>What was changed in labelme on {film} is lost: other films were opened meanwhile.</source>
        <translation>그 사이에 다른 필름을 열었으므로 labelme에서 {film}에 한 변경은 사라졌습니다.</translation>
    </message>
    <message>
        <source>{film} isn&apos;t on the screen any more, so this comment wasn&apos;t kept: {text}</source>
        <translation>{film}이(가) 더 이상 화면에 없어 이 의견을 저장하지 않았습니다: {text}</translation>
    </message>
    <message>
        <source>All shapes are hidden, on every film; T shows them again.</source>
        <translation>모든 필름에서 도형을 숨겼습니다. T를 누르면 다시 보입니다.</translation>
    </message>
    <message>
        <source>Reading the model card</source>
        <translation>모델 카드 읽기</translation>
    </message>
    <message>
        <source>Another film is on the screen now: nothing was relabelled.</source>
        <translation>지금은 다른 필름이 화면에 있어 라벨을 바꾸지 않았습니다.</translation>
    </message>
    <message>
        <source>Model at work…</source>
        <translation>모델 계산 중…</translation>
    </message>
    <message>
        <source>Model B at work…</source>
        <translation>모델 B 계산 중…</translation>
    </message>
    <message>
        <source>Looking for the next film on which A and B differ…</source>
        <translation>A와 B가 다른 다음 필름을 찾는 중…</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>보정</translation>
    </message>
    <message>
        <source>Length of the line in mm:</source>
        <translation>선의 길이 (mm):</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>내보내는 중</translation>
    </message>
    <message>
        <source>The export was broken off; its folder says that it is incomplete.</source>
        <translation>내보내기를 중단했습니다. 폴더에 완성되지 않았다고 표시되어 있습니다.</translation>
    </message>
    <message>
        <source>Comparing two models</source>
        <translation>두 모델 비교</translation>
    </message>
    <message>
        <source>No model is in use that another one could be compared with.</source>
        <translation>비교할 기준이 되는 사용 중인 모델이 없습니다.</translation>
    </message>
    <message>
        <source>Wait until both models have looked at this film.</source>
        <translation>두 모델이 이 필름을 다 볼 때까지 기다리십시오.</translation>
    </message>
    <message>
        <source>A and B differ on no further film of the list; N starts again on this film.</source>
        <translation>목록의 나머지 필름에서는 A와 B가 다르지 않습니다. N을 누르면 이 필름에서 다시 시작합니다.</translation>
    </message>
</context>
<context>
    <name>findings</name>
    <message>
        <source>Not measured: {reason}.</source>
        <translation>측정 안 함: {reason}.</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>분절</translation>
    </message>
    <message>
        <source>The vertebra; a question mark: the level isn&apos;t certain.</source>
        <translation>추체. 물음표: 분절이 확실하지 않음.</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>종류</translation>
    </message>
    <message>
        <source>How model and expert stand to each other, in the hatching of the film.</source>
        <translation>모델과 전문가의 관계. 필름과 같은 무늬로 나타냅니다.</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>점수</translation>
    </message>
    <message>
        <source>The model&apos;s score, 0 to 1; a dash: the model has no such finding.</source>
        <translation>모델의 점수, 0~1. 줄표: 모델에 그런 소견이 없음.</translation>
    </message>
    <message>
        <source>IoU</source>
        <translation>IoU</translation>
    </message>
    <message>
        <source>Overlap with the expert&apos;s outline as first opened → with your present outline. 1 is the same.</source>
        <translation>처음 연 전문가 윤곽선과의 겹침 → 현재 내 윤곽선과의 겹침. 1이면 같음.</translation>
    </message>
    <message>
        <source>Dice</source>
        <translation>Dice</translation>
    </message>
    <message>
        <source>Dice coefficient of the two outlines as first opened → now.</source>
        <translation>두 윤곽선의 Dice 계수, 처음 연 상태 → 현재.</translation>
    </message>
    <message>
        <source>Boundary</source>
        <translation>경계</translation>
    </message>
    <message>
        <source>Mean distance of the two outlines, both ways, as first opened.</source>
        <translation>처음 연 상태에서 두 윤곽선의 양방향 평균 거리.</translation>
    </message>
    <message>
        <source>Heights a / m / p</source>
        <translation>높이 전/중/후</translation>
    </message>
    <message>
        <source>Anterior, middle and posterior height of the body.</source>
        <translation>추체의 전방, 중간, 후방 높이.</translation>
    </message>
    <message>
        <source>Height loss</source>
        <translation>높이 감소</translation>
    </message>
    <message>
        <source>The greatest of the three height losses, against the normal neighbours.</source>
        <translation>정상 이웃에 대한 세 높이 감소 가운데 가장 큰 것.</translation>
    </message>
    <message>
        <source>Genant suggestion</source>
        <translation>Genant 제안</translation>
    </message>
    <message>
        <source>The Genant grade that the heights suggest, two where it is borderline. Yours decides.</source>
        <translation>높이가 제안하는 Genant 등급. 경계에서는 둘. 결정은 판독자의 등급입니다.</translation>
    </message>
    <message>
        <source>Your grade</source>
        <translation>나의 등급</translation>
    </message>
    <message>
        <source>The Genant grade that you gave.</source>
        <translation>직접 매긴 Genant 등급.</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>결정</translation>
    </message>
    <message>
        <source>What you decided on this finding.</source>
        <translation>이 소견에 대한 나의 결정.</translation>
    </message>
</context>
<context>
    <name>pairs</name>
    <message>
        <source>both</source>
        <translation>둘 다</translation>
    </message>
    <message>
        <source>label differs</source>
        <translation>레이블 다름</translation>
    </message>
    <message>
        <source>only A</source>
        <translation>A만</translation>
    </message>
    <message>
        <source>only B</source>
        <translation>B만</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>둘 다 없음</translation>
    </message>
    <message>
        <source>film IoU {iou}, {found} of {of} found, {extra} extra</source>
        <translation>필름 IoU {iou}, {of}개 중 {found}개 찾음, 추가 {extra}</translation>
    </message>
    <message>
        <source>{n} under another level</source>
        <translation>다른 분절 {n}</translation>
    </message>
    <message>
        <source>A with B: film IoU {iou} · both {both} · label differs {differs} · only A {first} · only B {second}</source>
        <translation>A와 B: 필름 IoU {iou} · 둘 다 {both} · 레이블 다름 {differs} · A만 {first} · B만 {second}</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>분절</translation>
    </message>
    <message>
        <source>The vertebra; two where A and B name it differently.</source>
        <translation>추체. A와 B의 이름이 다르면 둘 다 적음.</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>종류</translation>
    </message>
    <message>
        <source>Which of the two models has the finding, in the hatching of the film. Neither: the expert drew it, and both models miss it.</source>
        <translation>두 모델 중 어느 쪽에 이 소견이 있는지, 필름의 빗금과 같은 표시로. 둘 다 없음: 전문가가 그렸지만 두 모델이 모두 놓침.</translation>
    </message>
    <message>
        <source>Score A</source>
        <translation>점수 A</translation>
    </message>
    <message>
        <source>Model A&apos;s score, 0 to 1. Scores of two models are no common scale.</source>
        <translation>모델 A의 점수, 0~1. 두 모델의 점수는 같은 척도가 아닙니다.</translation>
    </message>
    <message>
        <source>Score B</source>
        <translation>점수 B</translation>
    </message>
    <message>
        <source>Model B&apos;s score, 0 to 1. Scores of two models are no common scale.</source>
        <translation>모델 B의 점수, 0~1. 두 모델의 점수는 같은 척도가 아닙니다.</translation>
    </message>
    <message>
        <source>IoU A/B</source>
        <translation>IoU A/B</translation>
    </message>
    <message>
        <source>Overlap of A&apos;s outline with B&apos;s. 1 is the same; a dash: only one has it.</source>
        <translation>A 윤곽선과 B 윤곽선의 겹침. 1이면 같음. 줄표: 한쪽에만 있음.</translation>
    </message>
    <message>
        <source>Expert A</source>
        <translation>전문가 A</translation>
    </message>
    <message>
        <source>The expert&apos;s word on A: the overlap with the expert&apos;s outline as first opened, with the expert&apos;s level where A names another. Missed: A lacks what the expert drew. Extra: the expert has nothing there.</source>
        <translation>A에 대한 전문가의 판단: 처음 연 전문가 윤곽선과의 겹침, A의 분절이 다르면 전문가의 분절도. 놓침: 전문가가 그린 것이 A에 없음. 추가: 전문가에게는 없음.</translation>
    </message>
    <message>
        <source>Expert B</source>
        <translation>전문가 B</translation>
    </message>
    <message>
        <source>The expert&apos;s word on B: the overlap with the expert&apos;s outline as first opened, with the expert&apos;s level where B names another. Missed: B lacks what the expert drew. Extra: the expert has nothing there.</source>
        <translation>B에 대한 전문가의 판단: 처음 연 전문가 윤곽선과의 겹침, B의 분절이 다르면 전문가의 분절도. 놓침: 전문가가 그린 것이 B에 없음. 추가: 전문가에게는 없음.</translation>
    </message>
    <message>
        <source>Boundary A/B</source>
        <translation>경계 A/B</translation>
    </message>
    <message>
        <source>Mean distance of A&apos;s outline and B&apos;s, both ways.</source>
        <translation>A 윤곽선과 B 윤곽선의 양방향 평균 거리.</translation>
    </message>
    <message>
        <source>Dice A/B</source>
        <translation>Dice A/B</translation>
    </message>
    <message>
        <source>Dice coefficient of A&apos;s outline and B&apos;s.</source>
        <translation>A 윤곽선과 B 윤곽선의 Dice 계수.</translation>
    </message>
</context>
<context>
    <name>screen</name>
    <message>
        <source>There are no films in this folder.</source>
        <translation>이 폴더에는 필름이 없습니다.</translation>
    </message>
    <message>
        <source>{n} of them.</source>
        <translation>{n}개.</translation>
    </message>
    <message>
        <source>{reader} on {host} has it open.</source>
        <translation>{reader}({host})에서 열려 있습니다.</translation>
    </message>
    <message>
        <source>{reason}

Nothing of this film is changed or written over. Once the file is in order, open the film again.</source>
        <translation>{reason}

이 필름의 내용은 바뀌거나 덮어쓰이지 않습니다. 파일을 바로잡은 뒤 필름을 다시 여세요.</translation>
    </message>
    <message>
        <source>{family}, its own score threshold {threshold}</source>
        <translation>{family}, 모델 자체의 점수 임계값 {threshold}</translation>
    </message>
    <message>
        <source>Film IoU {iou} · {agrees} agree · {differs} differ · {missed} missed · {extra} extra</source>
        <translation>필름 IoU {iou} · 일치 {agrees} · 다름 {differs} · 놓침 {missed} · 추가 {extra}</translation>
    </message>
    <message>
        <source>Predicted in {seconds} s by {backend}</source>
        <translation>{backend}(으)로 {seconds}초 만에 예측함</translation>
    </message>
    <message>
        <source> · grey {value}</source>
        <translation> · 회색값 {value}</translation>
    </message>
    <message>
        <source>Predicting the folder</source>
        <translation>폴더 예측</translation>
    </message>
    <message>
        <source>No film is shown.</source>
        <translation>표시된 필름이 없습니다.</translation>
    </message>
    <message>
        <source>Blind first read: draw what you see, then commit your read.</source>
        <translation>블라인드 1차 판독: 보이는 것을 그린 다음 판독을 확정하십시오.</translation>
    </message>
    <message>
        <source>The model has not looked at this film yet.</source>
        <translation>모델이 아직 이 필름을 보지 않았습니다.</translation>
    </message>
    <message>
        <source>A is {first}, B is {second}.</source>
        <translation>A는 {first}, B는 {second}입니다.</translation>
    </message>
    <message>
        <source>Both stay hidden until you commit your own read of this film.</source>
        <translation>이 필름에 대한 내 판독을 확정할 때까지 둘 다 숨겨집니다.</translation>
    </message>
    <message>
        <source>A model could not look at this film; see the message above it.</source>
        <translation>한 모델이 이 필름을 보지 못했습니다. 필름 위의 메시지를 보십시오.</translation>
    </message>
    <message>
        <source>Waiting for {models} to look at this film.</source>
        <translation>{models}이(가) 이 필름을 볼 때까지 기다리는 중입니다.</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>unread</source>
        <translation>안 읽음</translation>
    </message>
    <message>
        <source>in progress</source>
        <translation>진행 중</translation>
    </message>
    <message>
        <source>reviewed</source>
        <translation>검토함</translation>
    </message>
    <message>
        <source>no fracture</source>
        <translation>골절 없음</translation>
    </message>
    <message>
        <source>unusable</source>
        <translation>사용 불가</translation>
    </message>
    <message>
        <source>agrees</source>
        <translation>일치</translation>
    </message>
    <message>
        <source>label differs</source>
        <translation>레이블 다름</translation>
    </message>
    <message>
        <source>missed</source>
        <translation>놓침</translation>
    </message>
    <message>
        <source>extra</source>
        <translation>추가</translation>
    </message>
    <message>
        <source>Parallax or scoliosis contour</source>
        <translation>시차 또는 측만 윤곽</translation>
    </message>
    <message>
        <source>Schmorl&apos;s node</source>
        <translation>슈모를 결절</translation>
    </message>
    <message>
        <source>Degenerative or Scheuermann</source>
        <translation>퇴행성 또는 쇼이어만</translation>
    </message>
    <message>
        <source>Artefact or implant</source>
        <translation>인공물 또는 삽입물</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>기타</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>모름</translation>
    </message>
    <message>
        <source>fresh</source>
        <translation>신선</translation>
    </message>
    <message>
        <source>old</source>
        <translation>오래됨</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>수락함</translation>
    </message>
    <message>
        <source>accepted, edited</source>
        <translation>수락함, 고침</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>거부함</translation>
    </message>
    <message>
        <source>confirmed</source>
        <translation>확인함</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>정상</translation>
    </message>
    <message>
        <source>mild</source>
        <translation>경도</translation>
    </message>
    <message>
        <source>moderate</source>
        <translation>중등도</translation>
    </message>
    <message>
        <source>severe</source>
        <translation>중증</translation>
    </message>
    <message>
        <source>wedge</source>
        <translation>쐐기형</translation>
    </message>
    <message>
        <source>biconcave</source>
        <translation>양면오목형</translation>
    </message>
    <message>
        <source>crush</source>
        <translation>압궤형</translation>
    </message>
    <message>
        <source>The outline has fewer than 24 vertices; the grade is uncertain.</source>
        <translation>윤곽선의 꼭짓점이 24개보다 적어 등급이 불확실합니다.</translation>
    </message>
    <message>
        <source>The outline is rougher than 1.5 % of the depth.</source>
        <translation>윤곽선이 깊이의 1.5 %보다 거칩니다.</translation>
    </message>
    <message>
        <source>Endplate and wall don&apos;t meet near a corner.</source>
        <translation>종판과 벽이 모서리 근처에서 만나지 않습니다.</translation>
    </message>
    <message>
        <source>A corner lies far from the outline&apos;s bend.</source>
        <translation>모서리가 윤곽선의 굽은 곳에서 멀리 있습니다.</translation>
    </message>
    <message>
        <source>An endplate is deepest outside the middle.</source>
        <translation>종판의 가장 깊은 곳이 가운데가 아닙니다.</translation>
    </message>
    <message>
        <source>Much lower behind than in front: check which way the patient faces.</source>
        <translation>뒤가 앞보다 훨씬 낮습니다. 환자가 향한 쪽을 확인하십시오.</translation>
    </message>
    <message>
        <source>The outline fills less than 60 % of its hull.</source>
        <translation>윤곽선이 볼록 껍질의 60 %도 채우지 않습니다.</translation>
    </message>
    <message>
        <source>fractured</source>
        <translation>골절</translation>
    </message>
    <message>
        <source>not assessable</source>
        <translation>평가 불가</translation>
    </message>
    <message>
        <source>Research use only, not for diagnosis.</source>
        <translation>연구 전용이며 진단에 쓸 수 없습니다.</translation>
    </message>
    <message>
        <source>faces left</source>
        <translation>왼쪽을 향함</translation>
    </message>
    <message>
        <source>faces right</source>
        <translation>오른쪽을 향함</translation>
    </message>
</context>
<context>
    <name>worklist</name>
    <message>
        <source>Film</source>
        <translation>필름</translation>
    </message>
    <message>
        <source>The film&apos;s file, and what is wrong with it.</source>
        <translation>필름 파일과 그 문제.</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>상태</translation>
    </message>
    <message>
        <source>Where the film stands in the review.</source>
        <translation>필름의 검토 상태.</translation>
    </message>
    <message>
        <source>To decide</source>
        <translation>결정할 것</translation>
    </message>
    <message>
        <source>Disagreements on the film that nobody has decided yet.</source>
        <translation>아직 아무도 결정하지 않은 필름의 불일치.</translation>
    </message>
    <message>
        <source>Film IoU</source>
        <translation>필름 IoU</translation>
    </message>
    <message>
        <source>All findings of the model together against all of the expert&apos;s, as first opened. A dash: nothing on either side, or not compared yet.</source>
        <translation>모델의 모든 소견과 처음 연 전문가의 모든 소견을 합쳐 비교한 값. 줄표: 양쪽 모두 없거나 아직 비교 안 함.</translation>
    </message>
    <message>
        <source>Worst pair</source>
        <translation>가장 나쁜 짝</translation>
    </message>
    <message>
        <source>The lowest IoU of a pair of findings on the film.</source>
        <translation>필름에서 짝지은 소견의 가장 낮은 IoU.</translation>
    </message>
    <message>
        <source>Missed</source>
        <translation>놓침</translation>
    </message>
    <message>
        <source>Findings of the expert that the model doesn&apos;t have.</source>
        <translation>모델에는 없는 전문가의 소견.</translation>
    </message>
    <message>
        <source>Extra</source>
        <translation>추가</translation>
    </message>
    <message>
        <source>Findings of the model that the expert doesn&apos;t have.</source>
        <translation>전문가에게는 없는 모델의 소견.</translation>
    </message>
    <message>
        <source>Score gap</source>
        <translation>점수 차</translation>
    </message>
    <message>
        <source>How far the nearest score lies from the threshold: near 0 the model was of two minds.</source>
        <translation>가장 가까운 점수와 임계값의 차. 0에 가까우면 모델이 망설인 것입니다.</translation>
    </message>
    <message>
        <source>All films</source>
        <translation>모든 필름</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>안 읽음</translation>
    </message>
    <message>
        <source>Disagreements to decide</source>
        <translation>결정할 불일치</translation>
    </message>
    <message>
        <source>All disagreements</source>
        <translation>모든 불일치</translation>
    </message>
    <message>
        <source>With missed findings</source>
        <translation>놓친 소견 있음</translation>
    </message>
    <message>
        <source>With extra findings</source>
        <translation>추가 소견 있음</translation>
    </message>
    <message>
        <source>Flagged</source>
        <translation>표시됨</translation>
    </message>
    <message>
        <source>Reviewed</source>
        <translation>검토함</translation>
    </message>
    <message>
        <source>No fracture</source>
        <translation>골절 없음</translation>
    </message>
    <message>
        <source>Unusable</source>
        <translation>사용 불가</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>문제 있음</translation>
    </message>
    <message>
        <source>can&apos;t be read</source>
        <translation>읽을 수 없음</translation>
    </message>
    <message>
        <source>{status}, flagged</source>
        <translation>{status}, 표시됨</translation>
    </message>
    <message>
        <source>Model: {model}</source>
        <translation>모델: {model}</translation>
    </message>
    <message>
        <source>Agrees {agrees}, label differs {differs}, missed {missed}, extra {extra}</source>
        <translation>일치 {agrees}, 레이블 다름 {differs}, 놓침 {missed}, 추가 {extra}</translation>
    </message>
    <message>
        <source>Film IoU {first} as first opened, {now} with your edits</source>
        <translation>필름 IoU: 처음 연 상태 {first}, 내 편집 반영 {now}</translation>
    </message>
</context>
</TS>
